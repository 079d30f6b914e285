"""Intervals, tests and samples, also for values that depend on each other."""
