"""What a method makes of a picture, computed for one product: the Learn page shows it."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

from similarity.indexes import unit
from similarity.methods import Method, Vectors, conse, lite0, pixels, simclr
from similarity.search import Catalogue, embed_pictures, embed_texts

WHITE = 250 / 255  # in every colour: what a person calls a white background
SIDE = 224  # px of an augmented view
STRENGTH, SMALLEST = 1.0, 0.08  # of the views, as in the paper


def flattened(picture: Image.Image) -> Vectors:
    """The vector of the method `pixels`: float32 (150528,), from 0 to 1."""
    return pixels.embed([picture])[0]


def white_share(vector: Vectors) -> float:
    """The share of pixels in a flattened picture that are white in all three colours."""
    return float((vector.reshape(-1, 3) >= WHITE).all(1).mean())


def names(picture: Image.Image, count: int) -> list[tuple[str, float]]:
    """The most probable ImageNet classes of a picture by EfficientNet-Lite0, with probabilities."""
    chances = lite0.probabilities(lite0.features([picture]))[0]
    called = conse.class_names()
    return [(called[i], float(chances[i])) for i in np.argsort(-chances)[:count]]


def views(picture: Image.Image, count: int) -> list[Image.Image]:
    """So many of SimCLR's random views of a picture, as strong as the paper has them."""
    import torch

    shown = np.array(ImageOps.cover(picture, (3 * SIDE // 2, 3 * SIDE // 2)))
    batch = torch.from_numpy(shown).permute(2, 0, 1).expand(count, -1, -1, -1) / 255
    made = simclr.augmentation(SIDE, STRENGTH, SMALLEST)(batch).permute(0, 2, 3, 1)
    return [Image.fromarray(view) for view in (255 * made).round().byte().numpy()]


def likeness(method: Method, pictures: Sequence[Image.Image]) -> Vectors:
    """Cosines between all pictures under a method: (n, n)."""
    vectors = unit(embed_pictures(method, list(pictures)))
    return vectors @ vectors.T


def match(method: Method, texts: Sequence[str], pictures: Sequence[Image.Image]) -> Vectors:
    """Cosines of texts (rows) and pictures (columns) under a method that reads words."""
    words = unit(embed_texts(method, list(texts)))
    return words @ unit(embed_pictures(method, list(pictures))).T


def nearer(catalogue: Catalogue, method: str, product: str, cosine: float) -> int:
    """How many other products are more like a product than a cosine says.

    Raises SimilarityError if the method has no index here.
    """
    others = len(catalogue.products) - 1
    if others == 0:
        return 0
    return sum(hit.score > cosine for hit in catalogue.search(method, product=product, k=others))
