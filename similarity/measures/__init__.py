"""What is computed of answers."""
