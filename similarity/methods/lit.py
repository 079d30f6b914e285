"""Locked-image-text tuning (Zhai et al. 2022, arXiv:2111.07991) in small.

Both towers are packaged and locked: EfficientNet-Lite0 for pictures, MiniLM for words. What
`precompute.train lit` learns is a small network from the CNN's features and the product's colours
into the space of the words. To what it says is added what ConSE says, which is long where the CNN
is sure of a name and short where it is not: so things that no caption named are still found.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from similarity.methods import colours, conse, lite0, minilm
from similarity.methods.base import Embedder, Prepared, Vectors

HIDDEN = 640
DIM = conse.DIM
PARAMETERS = conse.METHOD.parameters + 1_138_944  # with both locked towers
INPUTS = lite0.DIM + colours.DIM
ARCHITECTURE = f"lit-{lite0.DIM}-{colours.DIM}-{HIDDEN}-{DIM}-conse"
LEARNT = "network."  # before the names of the network's tensors


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


def load(tensors: Mapping[str, npt.NDArray[Any]], facts: Mapping[str, Any]) -> Embedder:
    """The embedder of a trained file. Raises RuntimeError, ValueError, KeyError if it is none."""
    import torch

    learnt = network().eval()
    learnt.load_state_dict(
        {
            name.removeprefix(LEARNT): torch.from_numpy(values)
            for name, values in tensors.items()
            if name.startswith(LEARNT)
        }
    )
    mean, deviation, text_mean = tensors["mean"], tensors["deviation"], tensors["text_mean"]
    if (mean.shape, deviation.shape, text_mean.shape) != ((INPUTS,), (INPUTS,), (DIM,)):
        raise ValueError("its means are of other shapes")
    lite0.network()
    names = centred(conse.class_vectors(), text_mean)

    def embed_pictures(seen: Prepared, features: Vectors) -> Vectors:
        inputs = (np.hstack([features, seen]) - mean) / deviation
        known = conse.expected_words(features, names)
        with torch.inference_mode():
            out = together(learnt(torch.from_numpy(inputs)), torch.from_numpy(known))
        return out.numpy()

    def embed_texts(texts: Sequence[str]) -> Vectors:
        return minilm.embed_query(texts) - text_mean

    return Embedder(pictures=embed_pictures, texts=embed_texts)
