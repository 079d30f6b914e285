"""Computations for single pictures that the Learn page shows."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageOps

from similarity import inference
from similarity.catalogue import Catalogue
from similarity.embedding import embed_pictures, embed_texts
from similarity.indexes import normalise
from similarity.loading import load_once
from similarity.methods import Method, Vectors, conse, lite0, pixels, simclr, simclr_resnet50
from similarity.methods.base import NetworkInputs
from similarity.networks import Loaded, count_bytes, load_for, networks

WHITE = 250 / 255  # of each channel: what people see as a white background
SIDE = 224  # px of an augmented view
# of the augmentation, and the smallest share of the area that a crop keeps
PAPER_STRENGTH = (1.0, 0.08)
MAX_NEIGHBOURS = 1000  # products that are counted as more similar than something

Network = Callable[[Sequence[Image.Image]], Vectors]  # RGB pictures to vectors (n, dim)


# part 1: a picture as numbers


def squash(picture: Image.Image) -> Image.Image:
    """Return the picture that the method `pixels` uses: 224 x 224, RGB."""
    return picture.resize((pixels.SIDE, pixels.SIDE), Image.Resampling.BILINEAR)


def flatten(picture: Image.Image) -> Vectors:
    """Return the vector of the method `pixels`: float32 (150528,), from 0 to 1."""
    return pixels.scale_pixels(pixels.preprocess(picture))


def compute_white_share(vector: Vectors) -> float:
    """Return the share of pixels in a flattened picture that are white in all channels."""
    return float((vector.reshape(-1, 3) >= WHITE).all(1).mean())


def compute_likeness(method: Method, pictures: Sequence[Image.Image]) -> Vectors:
    """Return the cosines between all pictures by a method: (n, n)."""
    vectors = normalise(embed_pictures(method, list(pictures)))
    return vectors @ vectors.T


def find_neighbour_cosines(catalogue: Catalogue, method: str, product: str) -> Vectors:
    """Return a product's cosines with its nearest neighbours, in descending order.

    At most MAX_NEIGHBOURS. Raises SimilarityError if the method has no index.
    """
    k = min(MAX_NEIGHBOURS, len(catalogue.products) - 1)
    hits = catalogue.search(method, product=product, k=k) if k else []
    return np.array([hit.score for hit in hits], np.float32)


# part 2: what a classifier keeps


def list_top_classes(probabilities: Vectors, count: int) -> list[tuple[str, float]]:
    """Return the most probable ImageNet classes with their probabilities, of all (1000,)."""
    class_names = conse.list_class_names()
    return [
        (class_names[i], float(probabilities[i]))
        for i in np.argsort(-probabilities, kind="stable")[:count]
    ]


def compute_classifier_outputs(pictures: Sequence[Image.Image]) -> tuple[Vectors, Vectors]:
    """Return EfficientNet-Lite0's features and class probabilities: (n, 1280) and (n, 1000)."""
    features = inference.compute_features(lite0.BACKBONE, pictures, threads=1)
    return features, lite0.compute_probabilities(features)


def compute_cosines(vector: Vectors, others: Sequence[Vectors]) -> Vectors:
    """Return the cosines of a vector (d,) with others (n, d): (n,)."""
    return normalise(np.stack(others)) @ normalise(vector[None])[0]


# part 3: learning what is similar


def make_views(method: Method, picture: Image.Image, count: int) -> list[Image.Image]:
    """Return random views of a picture, as strong as in the training of a SimCLR method."""
    _import_augmentation()
    import torch

    pixels_shown = np.array(ImageOps.cover(picture, (3 * SIDE // 2, 3 * SIDE // 2)))
    batch = torch.from_numpy(pixels_shown).permute(2, 0, 1).expand(count, -1, -1, -1) / 255
    strength = PAPER_STRENGTH if method.published else (simclr.STRENGTH, simclr.MIN_CROP)
    augmented = simclr.make_augmentation(SIDE, *strength)(batch).permute(0, 2, 3, 1)
    return [Image.fromarray(view) for view in (255 * augmented).round().byte().numpy()]


@load_once()
def _import_augmentation() -> None:
    """Import everything that `make_views` needs, by making a view."""
    import torch

    simclr.make_augmentation(SIDE)(torch.zeros(1, 3, SIDE, SIDE))


def load_networks(method: Method) -> tuple[Network, Network]:
    """Load a SimCLR method's network with random weights and with its trained weights.

    Both return the network's own output, without the whitening of `simclr_small`, so that they
    differ only by training. Raises SimilarityError if the weights can't be used.
    """
    backbone = method.backbone
    assert backbone is not None, f"{method.key} is a network"

    def load_untrained() -> Loaded[Callable[[NetworkInputs], Vectors]]:
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            build = simclr_resnet50.build_network if method.published else simclr.build_network
            untrained = build()
        return Loaded(inference.run_by_torch(backbone, untrained), count_bytes(untrained))

    with load_for(method.title):
        before = networks.hold(f"{backbone.key} untrained", load_untrained)
        after = inference.load_network(backbone, threads=1)
    return (
        lambda pictures: before(inference.prepare_inputs(backbone, pictures)),
        lambda pictures: after.features(inference.prepare_inputs(backbone, pictures)),
    )


def compute_cross_cosines(
    network: Network, left: Sequence[Image.Image], right: Sequence[Image.Image]
) -> Vectors:
    """Return the cosines of pictures (rows) with others (columns) by a network: (n, m)."""
    return normalise(network(left)) @ normalise(network(right)).T


# part 4: pictures and words in one space


def compare_texts(method: Method, texts: Sequence[str], pictures: Sequence[Image.Image]) -> Vectors:
    """Return the cosines of texts (rows) and pictures (columns) by a text method: (n, m)."""
    text_vectors = normalise(embed_texts(method, list(texts)))
    return text_vectors @ normalise(embed_pictures(method, list(pictures))).T
