"""Read and publish the files of a catalogue."""
