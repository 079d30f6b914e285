"""`python -m tests.demo` is `python -m precompute` with a small demo: a dozen products of each
kind, of which a few are measured distorted. Everything else is as people have it."""

import sys
from functools import partial

from precompute import robustness
from precompute.__main__ import main
from precompute.demo import KINDS, write_demo
from precompute.sources import demo
from similarity.methods import METHODS

PER_KIND = 12  # products, 40 in the real one
PRODUCTS = PER_KIND * len(KINDS)
SAMPLE = 50  # products that are asked for distorted, 200 in the real one
BUILT = [key for key, method in METHODS.items() if not method.published]  # what everybody has


if __name__ == "__main__":
    demo.write_demo = partial(write_demo, per_kind=PER_KIND)
    robustness.SAMPLE = SAMPLE
    sys.exit(main())
