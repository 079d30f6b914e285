"""`python -m precompute`: build the indexes that the app loads from a catalogue of pictures."""
