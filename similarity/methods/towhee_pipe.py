"""Run an operation on a batch as a towhee pipeline with a local operator."""

import warnings
from collections.abc import Callable
from typing import Any

from similarity.loading import load_once
from similarity.methods.base import NetworkInputs, Vectors

# towhee imports pkg_resources; a version of setuptools that includes it is pinned
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")


def wrap_in_towhee(
    operation: Callable[[NetworkInputs], Vectors],
) -> Callable[[NetworkInputs], Vectors]:
    """Return an operation that runs in a towhee pipeline."""
    pipeline = _load_pipeline()
    # towhee calls an operator once per item, so a batch is passed as one item
    return lambda pictures: pipeline(operation, pictures).get()[0]


@load_once()
def _load_pipeline() -> Any:
    """Return the pipeline of an operator that applies an operation to pictures.

    towhee never forgets an operator, so an operator that contained a network would keep it in
    memory.
    """
    from towhee import ops, pipe, register

    def apply(operation: Callable[[NetworkInputs], Vectors], pictures: NetworkInputs) -> Vectors:
        return operation(pictures)

    register(name="similarity/apply")(apply)
    return (
        pipe.input("operation", "pictures")
        .map(("operation", "pictures"), "vectors", ops.similarity.apply())
        .output("vectors")
    )
