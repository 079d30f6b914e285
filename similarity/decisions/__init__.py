"""Decide which method to use: limits, what counts as good, and the methods that remain."""
