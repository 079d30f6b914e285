"""The nearest neighbours of products by each method, and how methods differ."""
