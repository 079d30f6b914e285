"""Flattened pixels: the article's first and simplest embedding (224 x 224 x 3, divided by 255)."""

import numpy as np
from PIL import Image

from similarity.methods.base import Embedder, Method, MethodInputs, Vectors

SIDE = 224


def preprocess(picture: Image.Image) -> MethodInputs:
    """Resize a picture to 224 x 224 (bilinear, no cropping) and flatten it: uint8 (150528,)."""
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)).reshape(-1)


def scale_pixels(pixels: MethodInputs) -> Vectors:
    """Divide pixels by 255: (n, 150528)."""
    return np.divide(pixels, np.float32(255), dtype=np.float32)


METHOD = Method(
    key="pixels",
    title="Pixels",
    family="Raw pixels",
    summary="Matches the same colours in the same places.",
    weights="No weights: the vector is the picture itself, 224 × 224 pixels in three colours.",
    licence="none needed",
    terms="permissive",
    revision="1",
    dim=SIDE * SIDE * 3,
    answers_text=False,
    load=lambda: Embedder(lambda prepared, _: scale_pixels(prepared)),
    make_preprocessing=lambda: preprocess,
    index="pixels",
)
