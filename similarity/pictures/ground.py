"""Tell a product from the white ground that it was photographed on."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from similarity.loading import load_once

WHITE = 238  # of 255: lowest value of each channel in a white background


@load_once()
def _load_label() -> Callable[..., tuple[npt.NDArray[np.int32], int]]:
    from scipy import ndimage  # half a second, which what never looks at grounds need not wait for

    return ndimage.label


def find_white_ground(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which pixels (height, width, 3) are white and connected to the border by white."""
    red, green, blue = np.moveaxis(
        pixels >= WHITE, -1, 0
    )  # same as .all(-1), several times as fast
    return select_connected_to_border(red & green & blue)


def select_connected_to_border(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the flags (height, width) that are connected to the border by other flags."""
    regions, count = _load_label()(flags)
    touches_border = np.zeros(count + 1, np.bool_)
    for side in (regions[0], regions[-1], regions[:, 0], regions[:, -1]):
        touches_border[side] = True
    touches_border[0] = False  # label 0 marks pixels without a flag
    return touches_border[regions]
