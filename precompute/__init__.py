"""`python -m precompute`: from a catalogue of pictures to the indexes that the app loads."""
