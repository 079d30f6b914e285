"""How sure a figure is whose values come in clusters: one person's answers, one product's variants.

The variance is a jackknife: the figure is computed again without each cluster. Where values belong
to clusters of two kinds, such as people and queries, the variances of both kinds are added, and
that of single values, which both contain, is subtracted once (Cameron, Gelbach and Miller 2011,
doi:10.1198/jbes.2010.07136). Where all values hang together, the figure is computed again without
each of some random folds. `python -m benchmarks.intervals` measures what intervals cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from similarity.statistics.intervals import Values, wilson

PRIOR = 0.5  # values of each sort that are added (Jeffreys): no share is exactly 0 or 1

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Spread:
    """The variance of m estimates and the degrees of freedom that it was estimated with: (m,)."""

    variance: Values
    freedom: Values


@dataclass(frozen=True)
class Share:
    """A share, its 95 % interval, and the two-sided p value of a true share of one half."""

    mean: float
    low: float
    high: float
    p: float


def jackknife(
    estimates: Values,
    without: Sequence[Values],
    single: Values,
    times: Values,
    prior: float = 0.0,
) -> Spread:
    """Return the spread of m estimates, (m,), that were computed from values in clusters.

    `without` has, for each kind of cluster, the estimates without each cluster of that kind:
    (clusters, m). `single` (c, m) are the estimates without one value of each of c sorts, and
    `times` (c,) how many values there are of each. `prior` values of each sort, which belong to no
    cluster, were added to them.

    The squared deviations are summed without the factor (g - 1) / g for g clusters, which is on the
    safe side. The degrees of freedom are Satterthwaite's (1946), or those of single values where
    clusters do not add to their variance.
    """
    kinds = [((each - estimates) ** 2).sum(0) for each in without]
    squares = (single - estimates) ** 2
    alone = times @ squares
    n = max(times.sum(), 2)
    clustered = sum(kinds, np.zeros_like(alone)) - (len(kinds) - 1) * alone
    variance = np.maximum(clustered, alone) + prior * squares.sum(0)
    terms = alone**2 / (n - 1)
    for variances, each in zip(kinds, without, strict=True):
        terms = terms + variances**2 / max(len(each) - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = np.where(clustered > alone, variance**2 / terms, n - 1)
    return Spread(variance, np.maximum(freedom, 1))


def fold_intervals(estimates: Values, without: Values) -> tuple[Values, Values, Values]:
    """Return lower and upper limits of 95 % intervals, and two-sided p values of a true 0: (m,).

    `without` (folds, m) are the estimates (m,) without each fold of a random partition. Student's
    t, with a degree of freedom less than there are folds. Of less than two folds nothing is known:
    the limits are the estimates themselves, and p is 1.
    """
    from scipy.special import stdtr, stdtrit  # a third of a second: no app's start waits for it

    folds = len(without)
    if folds < 2:
        return estimates, estimates, np.ones_like(estimates)
    squares = ((without - without.mean(0)) ** 2).sum(0)
    error = np.sqrt((folds - 1) / folds * squares)
    half = stdtrit(folds - 1, 0.975) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(folds - 1, -np.abs(estimates) / error)
    return estimates - half, estimates + half, np.where(estimates == 0, 1.0, p)


def share_interval(share: float, smoothed: float, variance: float, freedom: float) -> Share:
    """Return Wilson's interval of a share for the effective number of values, and the test.

    That number is what a simple random sample would need for the same variance. `smoothed` is the
    share with PRIOR, which `variance` is that of: a share of 0 or 1 has none of its own.
    """
    from scipy.special import stdtr, stdtrit  # a third of a second: no app's start waits for it

    n = smoothed * (1 - smoothed) / variance
    low, high = wilson(share, n, float(stdtrit(freedom, 0.975)))
    p = 2 * stdtr(freedom, -abs(share - 0.5) * 2 * n**0.5)
    return Share(share, min(low, share), max(high, share), float(p))


def clustered_share(hits: npt.NDArray[np.bool_], clusters: Sequence[Numbers]) -> Share:
    """Return the share of hits (n,) with its interval, n at least 1.

    `clusters` has, for each kind of cluster, the number of the cluster of each value: (n,).
    """
    won, n = int(hits.sum()), len(hits)

    def smooth(wins: npt.ArrayLike, count: npt.ArrayLike) -> Values:
        return np.atleast_1d((np.asarray(wins) + PRIOR) / (np.asarray(count) + 2 * PRIOR))[:, None]

    without = []
    for numbers in clusters:
        _, cluster = np.unique(numbers, return_inverse=True)
        wins, sizes = np.bincount(cluster, hits), np.bincount(cluster)
        without.append(smooth(won - wins, n - sizes))
    (smoothed,) = smooth(won, n)
    single = smooth([won - 1, won], [n - 1, n - 1])
    spread = jackknife(smoothed, without, single, np.array([won, n - won], np.float64), PRIOR)
    return share_interval(
        won / n, float(smoothed[0]), float(spread.variance[0]), float(spread.freedom[0])
    )
