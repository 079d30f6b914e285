"""The Map page: maps that are linked, and what moves between two of them."""
