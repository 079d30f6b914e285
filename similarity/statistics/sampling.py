"""Reproducible random samples."""

import numpy as np
import numpy.typing as npt


def draw_sample(count: int, size: int, seed: int = 0) -> npt.NDArray[np.int64]:
    """Return `size` of the numbers from 0 to count - 1, or all of them, in ascending order."""
    return np.sort(np.random.default_rng(seed).permutation(count)[:size])
