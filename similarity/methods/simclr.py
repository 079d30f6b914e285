"""SimCLR (Chen et al. 2020, arXiv:2002.05709) in small, as `precompute.train simclr` trains it.

The encoder is timm's ResNet-18 of half the width, with the stem and the shortcuts of ResNet-D
(arXiv:1812.01187): 2.8 million parameters. Its features are centred and whitened by statistics of
the training pictures, in which no label takes part: contrastive training leaves a few directions
that dominate every cosine.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from similarity.methods.base import Backbone, Embedder, Seen, Vectors

DIM = 256
PARAMETERS = 2_801_584
ARCHITECTURE = "resnet18d-half-256-square"
STRIDE = 32  # px of a picture that become one place in the last layer
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as in training
SIDES = range(16, 1025)  # px that a trained file may ask for
STRENGTH = 0.5  # of the colour distortion in training; 1 in the paper
SMALLEST = 0.2  # share of the area that a crop keeps; 0.08 in the paper


def network() -> Any:
    """The encoder with random weights: (n, 3, side, side) to (n, 256)."""
    from timm.models.resnet import BasicBlock, ResNet

    return ResNet(
        BasicBlock,  # type: ignore[arg-type]
        (2, 2, 2, 2),
        num_classes=0,
        channels=(32, 64, 128, DIM),
        stem_width=16,
        stem_type="deep",
        avg_down=True,
        zero_init_last=False,
    )


def prepare(side: int, picture: Image.Image) -> Seen:
    """The whole RGB picture squashed to a square, as in training: (side, side, 3)."""
    return np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC))


def backbone(key: str, side: int, module: Callable[[], Any]) -> Backbone:
    """The encoder that `module` makes, of pictures of that side. Raises ValueError if it can't be.

    Its output is not yet whitened.
    """
    if side not in SIDES:
        raise ValueError(f"its pictures are of {side} px")
    red, green, blue = (255 * value for value in MEAN)
    r, g, b = (255 * value for value in DEVIATION)
    mean, deviation = (red, green, blue), (r, g, b)
    return Backbone(key, DIM, side, mean, deviation, lambda: partial(prepare, side), module)


def augmentation(side: int, strength: float = STRENGTH, smallest: float = SMALLEST) -> Any:
    """The paper's random views (its appendix A), each picture of a batch by its own chance.

    A module: RGB pictures (n, 3, height, width) from 0 to 1 in, views (n, 3, side, side) from 0 to
    1 out. `strength` scales the distortion of colours, `smallest` is the least share of the area
    that a crop may keep; 1 and 0.08 in the paper.
    """
    from kornia import augmentation as random
    from torch import nn

    colours = 0.8 * strength
    kernel = side // 20 * 2 + 1  # a tenth of the side, an odd number
    return nn.Sequential(
        random.RandomResizedCrop((side, side), (smallest, 1.0), cropping_mode="resample"),
        random.RandomHorizontalFlip(),
        random.ColorJitter(colours, colours, colours, 0.2 * strength, p=0.8),
        random.RandomGrayscale(p=0.2),
        random.RandomGaussianBlur((kernel, kernel), (0.1, 2.0), p=0.5),
    )


def whitening(vectors: Vectors, floor: float = 1e-3) -> tuple[Vectors, Vectors]:
    """Mean (d,) and matrix (d, d) that make unit vectors (n, d) uncorrelated with equal variance.

    Directions with less than `floor` of the largest variance are not blown up to it. The formula
    is PCA whitening, as in Jégou and Chum 2012.
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    mean = unit.mean(0)
    variances, directions = np.linalg.eigh(np.cov((unit - mean).T, bias=True))
    matrix = directions / np.sqrt(variances.clip(0) + floor * variances.max())
    return mean.astype(np.float32), matrix.astype(np.float32)


def whiten(vectors: Vectors, mean: Vectors, matrix: Vectors) -> Vectors:
    """Feature vectors (n, d), made unit length, centred and whitened."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return ((unit - mean) @ matrix).astype(np.float32)


def trained(tensors: Mapping[str, npt.NDArray[Any]]) -> Any:
    """The encoder of a trained file, in evaluation mode. Raises RuntimeError if it is another."""
    import torch

    encoder = network()
    weights = {
        name.removeprefix("encoder."): torch.from_numpy(values)
        for name, values in tensors.items()
        if name.startswith("encoder.")
    }
    encoder.load_state_dict(weights)
    return encoder.eval()


def load(tensors: Mapping[str, npt.NDArray[Any]], facts: Mapping[str, Any]) -> Embedder:
    """The embedder of a trained file. Raises ValueError, KeyError if it is not of this network."""
    mean, matrix = tensors["mean"], tensors["whitening"]
    if (mean.shape, matrix.shape) != ((DIM,), (DIM, DIM)):
        raise ValueError("its mean and whitening are of other shapes")
    return Embedder(lambda _, features: whiten(features, mean, matrix))
