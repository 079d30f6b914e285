"""Measures of search results: how they are computed and stored."""
