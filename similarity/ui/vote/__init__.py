"""The parts of the blind vote's pages."""
