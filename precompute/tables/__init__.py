"""Read a table of products as other programs export it. docs/tables.md says what is read."""
