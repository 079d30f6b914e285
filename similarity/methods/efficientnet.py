"""A classification CNN without its head (the article's second family)."""

from similarity.methods import lite0
from similarity.methods.base import Embedder, Method, return_features

METHOD = Method(
    key="efficientnet",
    title="EfficientNet-Lite0",
    family="Classification CNN",
    summary="Matches the kind of object.",
    weights=lite0.WEIGHTS + ".",
    licence="code Apache-2.0; the weights' package states none, their original is Apache-2.0",
    terms="permissive",
    revision="lite0-57934424-mean-1",
    dim=lite0.DIM,
    answers_text=False,
    year=2020,
    parameters=lite0.PARAMETERS,
    source="https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
    load=lambda: Embedder(return_features),
    backbone=lite0.BACKBONE,
    package="towhee",
)
