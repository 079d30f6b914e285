"""The nearest products of each product by each method, and where methods differ."""
