"""Whether a difference between two methods can be shown."""

from collections.abc import Sequence

import numpy as np

from similarity.measures.intervals import Values, group_sums

RESAMPLES = 9999  # the smallest p is one in 10,000
SEED = 0
AT_ONCE = 1000
LEVEL = 0.05
SOURCE = (
    "Smucker, Allan and Carterette 2007 (doi:10.1145/1321440.1321528) find that the randomization, "
    "the bootstrap and Student's paired t test agree"
)


def randomization_test(differences: np.ndarray, groups: np.ndarray | None = None) -> Values:
    """p values of the paired randomization test, two-sided: differences (n, m) give (m,).

    Under the null hypothesis each query's difference might as well have had the other sign. p is
    the share of random signs whose mean is at least as far from 0 as the one observed, which
    counts as one of them (Fisher 1935; Phipson and Smyth 2010 for the one more). Every column has
    the same random signs. Queries of one of the `groups` (n,), such as the variants of a product,
    have one sign together.
    """
    differences, _ = group_sums(differences, groups)
    count = len(differences)
    observed = np.abs(differences.sum(0, dtype=np.float64))
    enough = observed * (1 - 1e-9)  # what differs by rounding alone is as far
    rng = np.random.default_rng(SEED)
    reached = np.ones(differences.shape[1])
    for start in range(0, RESAMPLES, AT_ONCE):
        rows = min(AT_ONCE, RESAMPLES - start)
        signs = rng.integers(0, 2, (rows, count), np.int8) * 2.0 - 1
        reached += (np.abs(signs @ differences) >= enough).sum(0)
    return reached / (RESAMPLES + 1)


def holm(p: Sequence[float]) -> list[float]:
    """p values corrected for how many they are (Holm 1979): the i-th smallest of m, counted from
    0, is multiplied by m - i; none is smaller than the one before it, or larger than 1."""
    order = np.argsort(p, kind="stable")
    stepped = np.asarray(p, np.float64)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(stepped), 1) if len(p) else stepped
    return corrected.tolist()
