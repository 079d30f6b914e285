"""Intervals, tests and samples, including for values that are not independent."""
