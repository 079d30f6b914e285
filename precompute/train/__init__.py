"""Training on one's own pictures: `python -m precompute.train --help`."""
