"""Intervals of estimates whose values come in clusters, such as one person's answers.

The variance is a jackknife: the estimate is computed again without each cluster. If values belong
to clusters of two kinds, such as people and queries, the variances of both kinds are added, and
that of single values, which both contain, is subtracted once (Cameron, Gelbach and Miller 2011,
doi:10.1198/jbes.2010.07136). If all values depend on each other, the estimate is computed again
without each of some random folds. `python -m benchmarks.intervals` measures the coverage of the
intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from similarity.statistics.intervals import Values, compute_wilson_interval

PRIOR = 0.5  # pseudo-counts of each kind (Jeffreys): no share is exactly 0 or 1

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Spread:
    """The variance of m estimates and its degrees of freedom: (m,) each."""

    variance: Values
    freedom: Values


@dataclass(frozen=True)
class Share:
    """A share, its 95 % interval, and the two-sided p value of the hypothesis that it is 0.5."""

    mean: float
    low: float
    high: float
    p: float


def jackknife(
    estimates: Values,
    without_cluster: Sequence[Values],
    without_one: Values,
    counts: Values,
    prior: float = 0.0,
) -> Spread:
    """Return the variance of m estimates (m,) computed from values in clusters.

    `without_cluster` has, for each kind of cluster, the estimates without each cluster: (clusters,
    m). `without_one` (c, m) has the estimates without one value of each of c kinds of values, and
    `counts` (c,) the number of values of each kind. `prior` pseudo-counts of each kind, which
    belong to no cluster, were added to the values.

    The squared deviations are summed without the factor (g - 1) / g for g clusters, which is
    conservative. The degrees of freedom are Satterthwaite's (1946), or those of single values if
    clusters don't add to their variance.
    """
    variances_by_kind = [
        ((estimates_without - estimates) ** 2).sum(0) for estimates_without in without_cluster
    ]
    squares = (without_one - estimates) ** 2
    single_variance = counts @ squares
    count = max(counts.sum(), 2)
    clustered_variance = (
        sum(variances_by_kind, np.zeros_like(single_variance))
        - (len(variances_by_kind) - 1) * single_variance
    )
    variance = np.maximum(clustered_variance, single_variance) + prior * squares.sum(0)
    terms = single_variance**2 / (count - 1)
    for variances, estimates_without in zip(variances_by_kind, without_cluster, strict=True):
        terms = terms + variances**2 / max(len(estimates_without) - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = np.where(clustered_variance > single_variance, variance**2 / terms, count - 1)
    return Spread(variance, np.maximum(freedom, 1))


def fold_intervals(estimates: Values, without_fold: Values) -> tuple[Values, Values, Values]:
    """Return lower and upper limits of 95 % intervals, and two-sided p values of 0: (m,) each.

    `without_fold` (folds, m) are the estimates (m,) without each fold of a random partition. Uses
    Student's t with folds - 1 degrees of freedom. With fewer than two folds nothing is known: the
    limits are the estimates themselves and p is 1.
    """
    from scipy.special import stdtr, stdtrit  # a third of a second: no app's start waits for it

    folds = len(without_fold)
    if folds < 2:
        return estimates, estimates, np.ones_like(estimates)
    squares = ((without_fold - without_fold.mean(0)) ** 2).sum(0)
    error = np.sqrt((folds - 1) / folds * squares)
    half = stdtrit(folds - 1, 0.975) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(folds - 1, -np.abs(estimates) / error)
    return estimates - half, estimates + half, np.where(estimates == 0, 1.0, p)


def share_interval(share: float, smoothed: float, variance: float, freedom: float) -> Share:
    """Return Wilson's interval of a share for the effective number of values, and its p value.

    The effective number is the size of a simple random sample with the same variance. `variance` is
    that of `smoothed`, the share with PRIOR: a share of 0 or 1 has no variance of its own.
    """
    from scipy.special import stdtr, stdtrit  # a third of a second: no app's start waits for it

    n = smoothed * (1 - smoothed) / variance
    low, high = compute_wilson_interval(share, n, float(stdtrit(freedom, 0.975)))
    p = 2 * stdtr(freedom, -abs(share - 0.5) * 2 * n**0.5)
    return Share(share, min(low, share), max(high, share), float(p))


def clustered_share(hits: npt.NDArray[np.bool_], clusters: Sequence[Numbers]) -> Share:
    """Return the share of hits (n,) with its interval; n is at least 1.

    `clusters` has, for each kind of cluster, the cluster number of each value: (n,).
    """
    hit_count, n = int(hits.sum()), len(hits)

    def smooth_share(wins: npt.ArrayLike, count: npt.ArrayLike) -> Values:
        return np.atleast_1d((np.asarray(wins) + PRIOR) / (np.asarray(count) + 2 * PRIOR))[:, None]

    shares_without = []
    for numbers in clusters:
        _, cluster = np.unique(numbers, return_inverse=True)
        wins, sizes = np.bincount(cluster, hits), np.bincount(cluster)
        shares_without.append(smooth_share(hit_count - wins, n - sizes))
    (smoothed,) = smooth_share(hit_count, n)
    single = smooth_share([hit_count - 1, hit_count], [n - 1, n - 1])
    spread = jackknife(
        smoothed, shares_without, single, np.array([hit_count, n - hit_count], np.float64), PRIOR
    )
    return share_interval(
        hit_count / n, float(smoothed[0]), float(spread.variance[0]), float(spread.freedom[0])
    )
