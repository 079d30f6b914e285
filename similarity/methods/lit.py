"""Locked-image-text tuning (Zhai et al. 2022, arXiv:2111.07991) in small.

Both towers are packaged and locked: EfficientNet-Lite0 for pictures, MiniLM for words. What
`precompute.train lit` learns is one linear map from the CNN's features, beside which stands a
colour histogram (a classifier's features hardly know colours), into the space of the words.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from similarity.methods import conse, lite0
from similarity.methods.base import Embedder, Vectors

LEVELS = 6  # of red, green and blue in the histogram
SIDE = 48  # px of the picture that is counted
COLOURS = 2 * LEVELS**3  # of the middle, and of the whole
DIM = conse.DIM


def colours(picture: Image.Image) -> Vectors:
    """Square roots of the shares of colours, in the middle and in the whole: (2 * 6**3,).

    Each pixel is shared linearly between its neighbouring bins, so that a small change of colour
    is a small change of the histogram.
    """
    square = ImageOps.fit(picture, (SIDE, SIDE), Image.Resampling.BOX)
    place = np.asarray(square, np.float32).reshape(-1, 3) / 255 * (LEVELS - 1)
    low = np.minimum(place.astype(int), LEVELS - 2)
    part = place - low
    edge = np.abs(np.arange(SIDE) - (SIDE - 1) / 2) < SIDE / 4
    middle = np.outer(edge, edge).ravel()
    found = np.zeros((2, LEVELS**3), np.float32)
    for corner in np.ndindex(2, 2, 2):
        share = np.where(corner, part, 1 - part).prod(1)
        bins = (low + corner) @ (LEVELS**2, LEVELS, 1)
        found[0] += np.bincount(bins, share * middle, LEVELS**3)
        found[1] += np.bincount(bins, share, LEVELS**3)
    return np.sqrt(found / found.sum(1, keepdims=True)).ravel()


def inputs(features: Vectors, histograms: Vectors) -> Vectors:
    """What the map is applied to: (n, 1280 + 432), from unit feature vectors and colours."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    return np.hstack([unit, histograms])


def load(tensors: Mapping[str, npt.NDArray[Any]], facts: Mapping[str, Any]) -> Embedder:
    """The embedder of a trained file. Raises ValueError, KeyError if it is of other towers."""
    mean, matrix, text_mean = tensors["mean"], tensors["matrix"], tensors["text_mean"]
    if matrix.shape != (lite0.DIM + COLOURS, DIM):
        raise ValueError(f"its map is {matrix.shape}, not {(lite0.DIM + COLOURS, DIM)}")
    lite0.network()

    def embed_pictures(pictures: Sequence[Image.Image]) -> Vectors:
        histograms = np.stack([colours(picture) for picture in pictures])
        known = inputs(lite0.features(pictures), histograms) - mean
        return np.einsum("ij,jk->ik", known, matrix)  # by BLAS one row waits for other threads

    def embed_texts(texts: Sequence[str]) -> Vectors:
        return conse.embed_query(texts) - text_mean

    return Embedder(pictures=embed_pictures, texts=embed_texts)
