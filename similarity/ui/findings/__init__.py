"""The page of findings, and their presentation."""
