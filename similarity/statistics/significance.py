"""Test whether differences between methods are significant."""

from collections.abc import Sequence

import numpy as np

LEVEL = 0.05


def correct_holm(p: Sequence[float]) -> list[float]:
    """Return p values corrected for multiple testing by Holm's method (1979).

    The i-th smallest of m values, counted from 0, is multiplied by m - i. No corrected value is
    below its predecessor or above 1.
    """
    order = np.argsort(p, kind="stable")
    scaled = np.asarray(p, np.float64)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1) if len(p) else scaled
    return corrected.tolist()
