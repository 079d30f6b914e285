"""Run an operation on a batch as a towhee pipeline with a local operator."""

import warnings
from collections.abc import Callable
from itertools import count

from similarity.methods.base import NetworkInputs, Vectors

# towhee imports pkg_resources; a version of setuptools that includes it is pinned
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

_counter = count()


def wrap_in_towhee(
    operation: Callable[[NetworkInputs], Vectors],
) -> Callable[[NetworkInputs], Vectors]:
    """Return an operation that runs in a towhee pipeline."""
    from towhee import ops, pipe, register

    # A network that is loaded again with other weights is a new operator.
    name = f"network_{next(_counter)}"
    # towhee calls an operator once per item, so a batch is passed as one item
    register(name=f"similarity/{name}")(operation)
    pipeline = (
        pipe.input("pictures")
        .map("pictures", "vectors", getattr(ops.similarity, name)())
        .output("vectors")
    )
    return lambda pictures: pipeline(pictures).get()[0]
