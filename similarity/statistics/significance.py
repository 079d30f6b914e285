"""When a difference between two methods is claimed."""

from collections.abc import Sequence

import numpy as np

LEVEL = 0.05


def holm(p: Sequence[float]) -> list[float]:
    """p values corrected for how many they are (Holm 1979): the i-th smallest of m, counted from
    0, is multiplied by m - i; none is smaller than the one before it, or larger than 1."""
    order = np.argsort(p, kind="stable")
    stepped = np.asarray(p, np.float64)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(stepped), 1) if len(p) else stepped
    return corrected.tolist()
