"""What colours a product has: a small descriptor of its own pixels, the white around it left out.

A classifier's mean-pooled features hardly know colours; this is what the map of `lit` has beside
them.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from similarity.methods.base import Vectors
from similarity.pictures import white_ground

SIDE = 64  # px of the picture that is looked at, squashed
HUES, SATURATIONS, VALUES = 12, 3, 3
GREYS = 6  # from black to white
DIM = HUES * SATURATIONS * VALUES + GREYS
GREY = 0.15  # below this saturation or value a hue says nothing
SPREAD = 0.4  # of half the picture: the deviation of the weights where there is no white ground


def colours(picture: Image.Image) -> Vectors:
    """Square roots of the shares of 108 chromatic colours and 6 greys: (114,), of unit length.

    Shares are of the product's pixels. A pixel is shared linearly between its neighbouring bins,
    so that a small change of colour is a small change of the descriptor.
    """
    small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX))
    weight = product(small).ravel()
    hue, saturation, value = _hsv(small)
    grey = (saturation <= GREY) | (value <= GREY)
    found = np.zeros(DIM)
    hues = _shared(hue * HUES, HUES, round_about=True)
    saturations = _shared((saturation - GREY) / (1 - GREY) * (SATURATIONS - 1), SATURATIONS)
    values = _shared((value - GREY) / (1 - GREY) * (VALUES - 1), VALUES)
    for h, of_h in hues:
        for s, of_s in saturations:
            for v, of_v in values:
                bins = (h * SATURATIONS + s) * VALUES + v
                found += np.bincount(bins, weight * ~grey * of_h * of_s * of_v, DIM)
    for level, of_level in _shared(value * (GREYS - 1), GREYS):
        found += np.bincount(DIM - GREYS + level, weight * grey * of_level, DIM)
    return np.sqrt(found / found.sum()).astype(np.float32)


def product(small: npt.NDArray[np.uint8]) -> Vectors:
    """How much each pixel counts, (side, side), of a picture (side, side, 3).

    White that is connected to the border is ground and does not count. Where there is none, or
    nothing else, the middle counts most.
    """
    ground = white_ground(small)
    if 0.05 < ground.mean() < 0.98:
        return (~ground).astype(np.float32)
    place = np.linspace(-1, 1, SIDE)
    bell = np.exp(-(place**2) / (2 * SPREAD**2))
    return np.outer(bell, bell).astype(np.float32)


def _hsv(rgb: npt.NDArray[np.uint8]) -> tuple[Vectors, Vectors, Vectors]:
    """Hue from 0 to 1, saturation and value of each pixel: three of (side * side,)."""
    red, green, blue = rgb.reshape(-1, 3).T.astype(np.float32) / 255
    value = np.maximum(np.maximum(red, green), blue)
    spread = value - np.minimum(np.minimum(red, green), blue)
    by = np.where(spread == 0, 1, spread)
    hue = np.select(
        [spread == 0, value == red, value == green],
        [0, (green - blue) / by % 6, (blue - red) / by + 2],
        (red - green) / by + 4,
    )
    return hue / 6, spread / np.where(value == 0, 1, value), value


def _shared(
    place: Vectors, count: int, round_about: bool = False
) -> list[tuple[npt.NDArray[np.intp], Vectors]]:
    """The two bins next to each place, and the share of each."""
    if not round_about:
        place = place.clip(0, count - 1)
    low = np.floor(place).astype(int) if round_about else place.astype(int).clip(0, count - 2)
    part = place - low
    return [(low % count, 1 - part), ((low + 1) % count, part)]
