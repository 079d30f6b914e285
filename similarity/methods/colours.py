"""A descriptor of a product's colours, computed from its pixels without the background.

The mean-pooled features of a classifier hardly represent colours, so `lit` uses this descriptor as
well.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from similarity.methods.base import Vectors
from similarity.pictures.ground import find_white_ground

SIDE = 64  # px: pictures are squashed to this size
HUES, SATURATIONS, VALUES = 12, 3, 3
GREYS = 6  # from black to white
DIM = HUES * SATURATIONS * VALUES + GREYS
GREY = 0.15  # below this saturation or value the hue is meaningless
# standard deviation of the weights, in half widths, for pictures without white background
SPREAD = 0.4


def compute_colours(picture: Image.Image) -> Vectors:
    """Return square roots of the shares of 108 chromatic colours and 6 greys: (114,), unit length.

    Shares are of the product's pixels. Each pixel is split linearly between neighbouring bins, so
    that a small change of colour is a small change of the descriptor.
    """
    small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX))
    weight = weigh_product(small).ravel()
    hue, saturation, value = _convert_to_hsv(small)
    grey = (saturation <= GREY) | (value <= GREY)
    histogram = np.zeros(DIM)
    hues = _share_between_bins(hue * HUES, HUES, is_circular=True)
    saturations = _share_between_bins(
        (saturation - GREY) / (1 - GREY) * (SATURATIONS - 1), SATURATIONS
    )
    values = _share_between_bins((value - GREY) / (1 - GREY) * (VALUES - 1), VALUES)
    for h, h_share in hues:
        for s, s_share in saturations:
            for v, v_share in values:
                bins = (h * SATURATIONS + s) * VALUES + v
                histogram += np.bincount(bins, weight * ~grey * h_share * s_share * v_share, DIM)
    for level, level_share in _share_between_bins(value * (GREYS - 1), GREYS):
        histogram += np.bincount(DIM - GREYS + level, weight * grey * level_share, DIM)
    return np.sqrt(histogram / histogram.sum()).astype(np.float32)


def weigh_product(small: npt.NDArray[np.uint8]) -> Vectors:
    """Return the weight of each pixel (side, side) of a picture (side, side, 3).

    White that is connected to the border is background and has no weight. If there is no such
    white, or nothing else, the centre has the highest weight.
    """
    ground = find_white_ground(small)
    if 0.05 < ground.mean() < 0.98:
        return (~ground).astype(np.float32)
    distance = np.linspace(-1, 1, SIDE)
    bell = np.exp(-(distance**2) / (2 * SPREAD**2))
    return np.outer(bell, bell).astype(np.float32)


def _convert_to_hsv(rgb: npt.NDArray[np.uint8]) -> tuple[Vectors, Vectors, Vectors]:
    """Return hue from 0 to 1, saturation and value of each pixel: three of (side * side,)."""
    red, green, blue = rgb.reshape(-1, 3).T.astype(np.float32) / 255
    value = np.maximum(np.maximum(red, green), blue)
    spread = value - np.minimum(np.minimum(red, green), blue)
    divisor = np.where(spread == 0, 1, spread)
    hue = np.select(
        [spread == 0, value == red, value == green],
        [0, (green - blue) / divisor % 6, (blue - red) / divisor + 2],
        (red - green) / divisor + 4,
    )
    return hue / 6, spread / np.where(value == 0, 1, value), value


def _share_between_bins(
    position: Vectors, count: int, is_circular: bool = False
) -> list[tuple[npt.NDArray[np.intp], Vectors]]:
    """Return the two bins next to each position, and the share of each."""
    if not is_circular:
        position = position.clip(0, count - 1)
    low = np.floor(position).astype(int) if is_circular else position.astype(int).clip(0, count - 2)
    high_share = position - low
    return [(low % count, 1 - high_share), ((low + 1) % count, high_share)]
