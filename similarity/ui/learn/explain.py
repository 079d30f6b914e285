"""What methods make of a picture, computed for single products: the Learn page shows it."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageOps

from similarity import inference
from similarity.catalogue import Catalogue
from similarity.embedding import embed_pictures, embed_texts
from similarity.indexes import unit
from similarity.loading import load_once
from similarity.methods import Method, Vectors, conse, lite0, pixels, simclr, simclr_resnet50

WHITE = 250 / 255  # in every colour: what a person calls a white background
SIDE = 224  # px of an augmented view
PAPER = (1.0, 0.08)  # how strong its views are, and how much of the area a crop keeps at least
COUNTED = 1000  # products at most that are counted as more alike than something

Network = Callable[[Sequence[Image.Image]], Vectors]  # of RGB pictures: (n, dim)


# 1: a picture as numbers


def squashed(picture: Image.Image) -> Image.Image:
    """The picture that the method `pixels` sees: 224 x 224, RGB."""
    return picture.resize((pixels.SIDE, pixels.SIDE), Image.Resampling.BILINEAR)


def flattened(picture: Image.Image) -> Vectors:
    """The vector of the method `pixels`: float32 (150528,), from 0 to 1."""
    return pixels.vectors(pixels.prepare(picture))


def white_share(vector: Vectors) -> float:
    """The share of pixels in a flattened picture that are white in all three colours."""
    return float((vector.reshape(-1, 3) >= WHITE).all(1).mean())


def likeness(method: Method, pictures: Sequence[Image.Image]) -> Vectors:
    """Cosines between all pictures under a method: (n, n)."""
    vectors = unit(embed_pictures(method, list(pictures)))
    return vectors @ vectors.T


def neighbours(catalogue: Catalogue, method: str, product: str) -> Vectors:
    """Cosines of a product with those most like it, in falling order, COUNTED of them at most.

    Raises SimilarityError if the method has no index here.
    """
    k = min(COUNTED, len(catalogue.products) - 1)
    hits = catalogue.search(method, product=product, k=k) if k else []
    return np.array([hit.score for hit in hits], np.float32)


# 2: what a classifier keeps


def names(chances: Vectors, count: int) -> list[tuple[str, float]]:
    """The most probable ImageNet classes, with their probabilities, of those of all: (1000,)."""
    called = conse.class_names()
    return [(called[i], float(chances[i])) for i in np.argsort(-chances, kind="stable")[:count]]


def headed(pictures: Sequence[Image.Image]) -> tuple[Vectors, Vectors]:
    """EfficientNet-Lite0 of pictures without its head and with it: (n, 1280) and (n, 1000).

    With it, these are the probabilities of the classes.
    """
    features = inference.features(lite0.BACKBONE, pictures, threads=1)
    return features, lite0.probabilities(features)


def cosines(vector: Vectors, others: Sequence[Vectors]) -> Vectors:
    """Cosines of a vector (d,) with others (n, d): (n,)."""
    return unit(np.stack(others)) @ unit(vector[None])[0]


# 3: learning what is similar


def views(method: Method, picture: Image.Image, count: int) -> list[Image.Image]:
    """So many random views of a picture, as strong as a SimCLR method was trained with."""
    _import_augmentation()
    import torch

    shown = np.array(ImageOps.cover(picture, (3 * SIDE // 2, 3 * SIDE // 2)))
    batch = torch.from_numpy(shown).permute(2, 0, 1).expand(count, -1, -1, -1) / 255
    strength = PAPER if method.published else (simclr.STRENGTH, simclr.SMALLEST)
    made = simclr.augmentation(SIDE, *strength)(batch).permute(0, 2, 3, 1)
    return [Image.fromarray(view) for view in (255 * made).round().byte().numpy()]


@load_once()
def _import_augmentation() -> None:
    """Import whatever `views` needs, by drawing a view."""
    import torch

    simclr.augmentation(SIDE)(torch.zeros(1, 3, SIDE, SIDE))


@load_once(key=lambda method: method.revision)
def networks(method: Method) -> tuple[Network, Network]:
    """A SimCLR method's network before training, with random weights, and after it.

    Both as the network itself gives its output, without what `simclr_small` makes of that
    afterwards: so that what differs is what was learnt. Raises SimilarityError if the weights can't
    be used.
    """
    import torch

    backbone = method.backbone
    assert backbone is not None, f"{method.key} is a network"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        untrained = simclr_resnet50.network() if method.published else simclr.network()
    before, after = inference.by_torch(backbone, untrained), inference.network(backbone, threads=1)
    return (
        lambda pictures: before(inference.seen(backbone, pictures)),
        lambda pictures: after.features(inference.seen(backbone, pictures)),
    )


def across(network: Network, ones: Sequence[Image.Image], others: Sequence[Image.Image]) -> Vectors:
    """Cosines of pictures (rows) with others (columns) under a network: (n, m)."""
    return unit(network(ones)) @ unit(network(others)).T


# 4: pictures and words in one space


def match(method: Method, texts: Sequence[str], pictures: Sequence[Image.Image]) -> Vectors:
    """Cosines of texts (rows) and pictures (columns) under a method that reads words."""
    words = unit(embed_texts(method, list(texts)))
    return words @ unit(embed_pictures(method, list(pictures))).T
