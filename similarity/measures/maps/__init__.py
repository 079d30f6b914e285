"""Two-dimensional maps of each method's space, and what changes between two methods."""
