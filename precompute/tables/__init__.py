"""Read a table of products as other programs export it. docs/reading.md says what is read."""
