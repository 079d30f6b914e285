"""Approximate search in files of our own: how an index is built, and searched."""
