"""How sure a mean is."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
SEED = 0

Values = npt.NDArray[np.float64]


def limits(values: np.ndarray) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean of one value a query: (n,).

    The mean itself where all are the same. The source is Efron and Tibshirani 1993, chapter 13.
    """
    low, high = intervals(values[:, None])[0].tolist()
    return low, high


def intervals(values: np.ndarray) -> Values:
    """As `limits` for several values a query: (n, m) gives (m, 2).

    All have the same resamples, each as how often it has each query: their means are one product
    of matrices, some hundred times as fast as to gather the values.
    """
    means = values.mean(0)
    if len(values) < 2:
        return np.stack([means, means], 1)
    found = resamples(len(values)) @ values.astype(np.float64)
    low, high = np.quantile(found, [0.025, 0.975], axis=0)
    # a mean is rounded: it is within the values, and all of them where they are the same
    within = np.clip([low, high], values.min(0), values.max(0)).T
    return np.where(np.ptp(values, axis=0)[:, None] == 0, means[:, None], within)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share, `hits` of `count`, by Wilson (1927)."""
    from scipy.stats import binomtest  # half a second, which no app's start needs to wait for

    limit = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    return float(limit.low), float(limit.high)


@lru_cache(maxsize=4)
def resamples(count: int) -> Values:
    """The share of each query in each resample: (RESAMPLES, count)."""
    rng = np.random.default_rng(SEED)
    return rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES) / count
