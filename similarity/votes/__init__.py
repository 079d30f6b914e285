"""Blind votes: people choose between two rows without knowing which method found them."""
