"""How sure a mean is."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
SEED = 0
Z = 1.959963984540054  # of the normal distribution, 95 % two-sided

Values = npt.NDArray[np.float64]


def limits(values: np.ndarray, groups: np.ndarray | None = None) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean of one value a query: (n,).

    The mean itself where all are the same. It is expanded as Hesterberg proposes (2015, section
    5.3, doi:10.1080/00031305.2015.1089789): of few queries the plain one is too narrow.
    """
    low, high = intervals(values[:, None], groups)[0].tolist()
    return low, high


def intervals(values: np.ndarray, groups: np.ndarray | None = None) -> Values:
    """As `limits` for several values a query: (n, m) gives (m, 2).

    `groups` (n,) are numbers of what is drawn together, such as the variants of a product; without
    them each query is drawn alone. All columns have the same resamples, each as how often it has
    each group: their means are one product of matrices, some hundred times as fast as to gather the
    values.
    """
    from scipy.special import ndtr, stdtrit  # a third of a second: no app's start waits for it

    means = values.mean(0)
    sums, sizes = group_sums(values, groups)
    if len(sums) < 2:
        return np.stack([means, means], 1)
    shares = resamples(len(sums))
    found = (shares @ sums) / (shares @ sizes)[:, None]
    count = len(sums)
    tail = float(ndtr((count / (count - 1)) ** 0.5 * stdtrit(count - 1, 0.025)))
    low, high = np.quantile(found, [tail, 1 - tail], axis=0)
    # a mean is rounded: it is within the values, and all of them where they are the same
    within = np.clip([low, high], values.min(0), values.max(0)).T
    return np.where(np.ptp(values, axis=0)[:, None] == 0, means[:, None], within)


def group_sums(values: np.ndarray, groups: np.ndarray | None) -> tuple[Values, Values]:
    """The sum of each group's values, (groups, m), and how many they are, (groups,)."""
    if groups is None:
        return values.astype(np.float64), np.ones(len(values))
    _, first, places = np.unique(groups, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))[places]  # as the queries stand
    sums = np.zeros((len(first), values.shape[1]))
    np.add.at(sums, order, values)
    return sums, np.bincount(order).astype(np.float64)


def wilson(share: float, n: float, quantile: float = Z) -> tuple[float, float]:
    """The interval of a share of n values by Wilson (1927), 95 % unless the quantile is another."""
    squared = quantile**2 / n
    middle = share + squared / 2
    half = quantile * ((share * (1 - share) + squared / 4) / n) ** 0.5
    return max((middle - half) / (1 + squared), 0.0), min((middle + half) / (1 + squared), 1.0)


@lru_cache(maxsize=4)
def resamples(count: int) -> Values:
    """The share of each query in each resample: (RESAMPLES, count)."""
    rng = np.random.default_rng(SEED)
    return rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES) / count
