"""The parts of the Robustness page."""
