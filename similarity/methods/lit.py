"""Locked-image-text tuning (Zhai et al. 2022, arXiv:2111.07991) in small.

Both towers are packaged and locked: EfficientNet-Lite0 for pictures, MiniLM for words. What
`precompute.train lit` learns is a small network from the CNN's features and the product's colours
into the space of the words. To what it says is added what ConSE says, which is long where the CNN
is sure of a name and short where it is not: so things that no caption named are still found.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from similarity.compiled import Run, Source, load_module
from similarity.loading import load_once
from similarity.methods import colours, conse, lite0, minilm
from similarity.methods.base import Embedder, Prepared, Vectors

HIDDEN = 640
DIM = conse.DIM
PARAMETERS = conse.METHOD.parameters + 1_138_944  # with both locked towers
INPUTS = lite0.DIM + colours.DIM
ARCHITECTURE = f"lit-{lite0.DIM}-{colours.DIM}-{HIDDEN}-{DIM}-conse"
LEARNT = "network."  # before the names of the network's tensors
SHAPES = {
    "0.weight": (HIDDEN, INPUTS),
    "0.bias": (HIDDEN,),
    "2.weight": (DIM, HIDDEN),
    "2.bias": (DIM,),
}


def network() -> Any:
    """The untrained network: (n, 1280 + 114) standardised inputs to (n, 384)."""
    from torch.nn import GELU, Linear, Sequential

    return Sequential(Linear(INPUTS, HIDDEN), GELU(), Linear(HIDDEN, DIM))


def together(learnt: Any, known: Any) -> Any:
    """What the network says, made unit length, and what ConSE says: two tensors (n, 384)."""
    from torch.nn.functional import normalize

    return normalize(learnt, dim=1) + known


def centred(vectors: Vectors, mean: Vectors) -> Vectors:
    """Text vectors (n, 384) less the mean text, of unit length."""
    moved = vectors - mean
    return moved / np.linalg.norm(moved, axis=1, keepdims=True)


def _source(weights: Mapping[str, npt.NDArray[Any]]) -> Source:
    """A trained network together with what ConSE says: (n, 1394) and (n, 384) to (n, 384)."""

    def module() -> Any:
        import torch

        class Together(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.learnt = network()

            def forward(self, inputs: Any, known: Any) -> Any:
                return together(self.learnt(inputs), known)

        made = Together().eval()
        made.learnt.load_state_dict({k: torch.from_numpy(each) for k, each in weights.items()})
        return made

    made_of = hashlib.sha256(b"".join(weights[name].tobytes() for name in SHAPES)).hexdigest()
    example = np.zeros((2, INPUTS), np.float32), np.ones((2, DIM), np.float32)
    return Source(f"lit-{made_of[:16]}", [], module, example, [[-1, INPUTS], [-1, DIM]])


def load(tensors: Mapping[str, npt.NDArray[Any]], facts: Mapping[str, Any]) -> Embedder:
    """The embedder of a trained file. Raises RuntimeError, ValueError, KeyError if it is none."""
    mean, deviation, text_mean = tensors["mean"], tensors["deviation"], tensors["text_mean"]
    if (mean.shape, deviation.shape, text_mean.shape) != ((INPUTS,), (INPUTS,), (DIM,)):
        raise ValueError("its means are of other shapes")
    weights = {
        name.removeprefix(LEARNT): values
        for name, values in tensors.items()
        if name.startswith(LEARNT)
    }
    if {name: values.shape for name, values in weights.items()} != SHAPES:
        raise ValueError("its network is of other shapes")
    minilm.network()

    @load_once()
    def tower() -> tuple[Run, Vectors]:
        """The trained network, and ConSE's names in its space: words need neither."""
        return load_module(_source(weights)), centred(conse.class_vectors(), text_mean)

    def embed_pictures(seen: Prepared, features: Vectors) -> Vectors:
        run, names = tower()
        inputs = (np.hstack([features, seen]) - mean) / deviation
        return run(inputs, conse.expected_words(features, names))

    def embed_texts(texts: Sequence[str]) -> Vectors:
        return minilm.embed_query(texts) - text_mean

    return Embedder(pictures=embed_pictures, texts=embed_texts)
