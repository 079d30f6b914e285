"""An operation on a batch as a towhee pipeline over a local operator."""

import warnings
from collections.abc import Callable
from itertools import count

from similarity.methods.base import Seen, Vectors

# towhee imports it; the version of setuptools that has it is pinned
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

_numbers = count()


def by_towhee(operation: Callable[[Seen], Vectors]) -> Callable[[Seen], Vectors]:
    """The same operation, run by towhee."""
    from towhee import ops, pipe, register

    # A network that is loaded again, from other weights, is another operator.
    called = f"network_{next(_numbers)}"
    # towhee calls an operator once per item; a batch as one item is what lets the network run on
    # real batches
    register(name=f"similarity/{called}")(operation)
    pipeline = (
        pipe.input("pictures")
        .map("pictures", "vectors", getattr(ops.similarity, called)())
        .output("vectors")
    )
    return lambda pictures: pipeline(pictures).get()[0]
