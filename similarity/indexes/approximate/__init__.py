"""Approximate search in local files: building an index and searching it."""
