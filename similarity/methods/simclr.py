"""A small SimCLR (Chen et al. 2020, arXiv:2002.05709), as trained by `precompute.train simclr`.

The encoder is timm's ResNet-18 at half width, with the stem and shortcuts of ResNet-D
(arXiv:1812.01187): 2.8 million parameters. Its features are centred and whitened by statistics of
the training pictures, without labels, because contrastive training leaves a few directions that
dominate every cosine.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from similarity.methods.base import Backbone, Embedder, Framing, NetworkInputs, Vectors

DIM = 256
PARAMETERS = 2_801_584
ARCHITECTURE = "resnet18d-half-256-square"
STRIDE = 32  # px of a picture per position in the last layer
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, as in training
SIDES = range(16, 1025)  # px: picture sizes that a trained file may state
STRENGTH = 0.5  # of the colour distortion in training; 1 in the paper
MIN_CROP = 0.2  # smallest share of the area that a crop keeps; 0.08 in the paper


def build_network() -> Any:
    """Build the encoder with random weights: (n, 3, side, side) to (n, 256)."""
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


def preprocess(side: int, picture: Image.Image) -> NetworkInputs:
    """Squash a whole RGB picture to a square, as in training: (side, side, 3)."""
    return np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC))


def make_backbone(key: str, side: int, build_module: Callable[[], Any]) -> Backbone:
    """Return the backbone of an encoder for pictures of a size, before whitening.

    Raises ValueError if the size is not supported.
    """
    if side not in SIDES:
        raise ValueError(f"pictures of {side} px are not supported")
    red, green, blue = (255 * value for value in MEAN)
    r, g, b = (255 * value for value in DEVIATION)
    mean, deviation = (red, green, blue), (r, g, b)
    return Backbone(
        key,
        DIM,
        side,
        mean,
        deviation,
        lambda: partial(preprocess, side),
        build_module,
        framing=Framing("squash"),
    )


def make_augmentation(side: int, strength: float = STRENGTH, min_crop: float = MIN_CROP) -> Any:
    """Return the paper's random augmentation (appendix A), drawn for each picture separately.

    A module: RGB pictures (n, 3, height, width) from 0 to 1 in, views (n, 3, side, side) from 0 to
    1 out. `strength` scales the colour distortion, `min_crop` is the smallest share of the area
    that a crop keeps; 1 and 0.08 in the paper.
    """
    from kornia import augmentation as random
    from torch import nn

    colours = 0.8 * strength
    kernel = side // 20 * 2 + 1  # a tenth of the side, odd
    return nn.Sequential(
        random.RandomResizedCrop((side, side), (min_crop, 1.0), cropping_mode="resample"),
        random.RandomHorizontalFlip(),
        random.ColorJitter(colours, colours, colours, 0.2 * strength, p=0.8),
        random.RandomGrayscale(p=0.2),
        random.RandomGaussianBlur((kernel, kernel), (0.1, 2.0), p=0.5),
    )


def compute_whitening(vectors: Vectors, floor: float = 1e-3) -> tuple[Vectors, Vectors]:
    """Return the mean (d,) and the matrix (d, d) that whiten unit vectors (n, d).

    Whitened vectors are uncorrelated with equal variance, except that directions with less than
    `floor` of the largest variance are not amplified to it. PCA whitening as in Jégou and Chum
    2012.
    """
    unit_vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    mean = unit_vectors.mean(0)
    variances, directions = np.linalg.eigh(np.cov((unit_vectors - mean).T, bias=True))
    matrix = directions / np.sqrt(variances.clip(0) + floor * variances.max())
    return mean.astype(np.float32), matrix.astype(np.float32)


def whiten(vectors: Vectors, mean: Vectors, matrix: Vectors) -> Vectors:
    """Scale feature vectors (n, d) to unit length, then centre and whiten them."""
    unit_vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return ((unit_vectors - mean) @ matrix).astype(np.float32)


def build_head(tensors: Mapping[str, npt.NDArray[Any]]) -> Any:
    """Build `whiten` with a trained file's mean and matrix as a torch module: (n, 256) each."""
    import torch

    class Whitening(torch.nn.Module):
        mean: torch.Tensor
        whitening: torch.Tensor

        def __init__(self) -> None:
            super().__init__()
            for name in ("mean", "whitening"):
                self.register_buffer(name, torch.from_numpy(tensors[name]))

        def forward(self, features: Any) -> Any:
            return (torch.nn.functional.normalize(features) - self.mean) @ self.whitening

    return Whitening().eval()


def load_encoder(tensors: Mapping[str, npt.NDArray[Any]]) -> Any:
    """Load the encoder of a trained file in evaluation mode.

    Raises RuntimeError if the file contains another network.
    """
    import torch

    encoder = build_network()
    weights = {
        name.removeprefix("encoder."): torch.from_numpy(values)
        for name, values in tensors.items()
        if name.startswith("encoder.")
    }
    encoder.load_state_dict(weights)
    return encoder.eval()


def load(tensors: Mapping[str, npt.NDArray[Any]], facts: Mapping[str, Any]) -> Embedder:
    """Load the embedder of a trained file. Raises ValueError or KeyError if it isn't one."""
    mean, matrix = tensors["mean"], tensors["whitening"]
    if (mean.shape, matrix.shape) != ((DIM,), (DIM, DIM)):
        raise ValueError("its mean and whitening have the wrong shapes")
    return Embedder(lambda _, features: whiten(features, mean, matrix))
