"""Reproducible samples."""

import numpy as np
import numpy.typing as npt


def draw_sample(count: int, most: int, seed: int = 0) -> npt.NDArray[np.int64]:
    """Return `most` of the numbers from 0 to count - 1, or all there are, in rising order."""
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])
