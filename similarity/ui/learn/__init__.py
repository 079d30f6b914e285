"""The parts of the Learn page, one file each, and what they share."""
