"""Flattened pixels: the article's first and simplest embedding (224 x 224 x 3, divided by 255)."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from similarity.methods.base import Embedder, Method, Vectors

SIDE = 224


def embed(pictures: Sequence[Image.Image]) -> Vectors:
    """Resize to 224 x 224 (bilinear, no cropping), flatten, divide by 255: (n, 150528)."""
    size = (SIDE, SIDE)
    rows = [np.asarray(p.resize(size, Image.Resampling.BILINEAR)).reshape(-1) for p in pictures]
    return np.stack(rows).astype(np.float32) / np.float32(255)


METHOD = Method(
    key="pixels",
    title="Pixels",
    family="Raw pixels",
    summary="Looks for the same colours in the same places.",
    weights="No weights: the vector is the picture itself, 224 × 224 pixels in three colours.",
    licence="none needed",
    revision="1",
    dim=SIDE * SIDE * 3,
    answers_text=False,
    load=lambda: Embedder(pictures=lambda pictures, _: embed(pictures)),
    index="pixels",
)
