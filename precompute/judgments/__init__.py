"""Read judgments as other programs export them. docs/judgments.md says what is read."""
