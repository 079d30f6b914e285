"""A classification CNN without its head, run as a towhee pipeline (the article's second family)."""

from collections.abc import Sequence

from PIL import Image

from similarity.methods import lite0
from similarity.methods.base import Embedder, Method, Vectors


def load() -> Embedder:
    """A towhee pipeline over a local operator that takes a whole batch as one item."""
    from towhee import ops, pipe, register

    lite0.network()
    # register() turns what it is given into a class, so it is given a function of its own:
    # lite0.features stays a plain function for others. towhee calls an operator once per item;
    # a batch as one item is what lets the network run on real batches.
    register(name="similarity/efficientnet_lite0")(lambda pictures: lite0.features(pictures))
    pipeline = (
        pipe.input("pictures")
        .map("pictures", "vectors", ops.similarity.efficientnet_lite0())
        .output("vectors")
    )

    def embed(pictures: Sequence[Image.Image]) -> Vectors:
        return pipeline(pictures).get()[0]

    return Embedder(pictures=embed)


METHOD = Method(
    key="efficientnet",
    title="EfficientNet-Lite0",
    family="Classification CNN",
    summary="Looks for what an ImageNet classifier sees just before it names it.",
    weights=lite0.WEIGHTS + ".",
    licence="code Apache-2.0; the weights' package states none, their original is Apache-2.0",
    revision="lite0-57934424-mean-1",
    dim=lite0.DIM,
    answers_text=False,
    load=load,
)
