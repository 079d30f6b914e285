"""Train methods on own pictures: `python -m precompute.train --help`."""
