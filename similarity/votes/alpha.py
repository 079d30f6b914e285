"""Krippendorff's alpha: how much several people agree, beyond what chance gives."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from similarity.measures.metrics.schema import Figure
from similarity.statistics.clusters import Numbers, jackknife
from similarity.statistics.intervals import Values

Counts = npt.NDArray[np.int64]


def nominal_alpha(counts: Counts) -> float:
    """Return alpha for labels without an order (Krippendorff 2011, section C).

    `counts` (units, labels) holds how often each unit was given each label, at least twice in all.
    1 is full agreement, also if only one label was ever given; 0 is what chance gives.
    """
    return float(_alpha(_disagreement(counts).sum(), counts.sum(0)))


def alpha_interval(unit: Numbers, label: Numbers, clusters: Sequence[Numbers]) -> Figure:
    """Return alpha of n labels and its 95 % interval by the jackknife over clusters.

    `unit`, `label` and each of `clusters` are numbers from 0: (n,). Each unit has two labels or
    more, and none twice from a cluster of people.
    """
    from scipy.special import stdtrit  # a third of a second: no app's start waits for it

    shape = int(unit.max()) + 1, int(label.max()) + 1
    counts = np.zeros(shape, np.int64)
    np.add.at(counts, (unit, label), 1)
    disagreement, labels = _disagreement(counts).sum(), counts.sum(0)
    estimate = np.array([_alpha(disagreement, labels)])
    without = [_without(counts, unit, label, numbers) for numbers in clusters]
    some_unit, some_label = counts.nonzero()
    single = _without(counts, some_unit, some_label, np.arange(len(some_unit)))
    times = counts[some_unit, some_label].astype(np.float64)
    spread = jackknife(estimate, without, single, times)
    half = float(stdtrit(spread.freedom[0], 0.975) * spread.variance[0] ** 0.5)
    alpha = float(estimate[0])
    return Figure(alpha, max(alpha - half, -1.0), min(alpha + half, 1.0))


def _without(counts: Counts, unit: Numbers, label: Numbers, cluster: Numbers) -> Values:
    """Alpha without the labels of each cluster, (clusters, 1). A unit that is left with a single
    label goes as well."""
    units, labels = counts.shape
    clusters = int(cluster.max()) + 1
    key, place = np.unique(cluster * units + unit, return_inverse=True)  # what each one touches
    gone = np.zeros((len(key), labels), np.int64)
    np.add.at(gone, (place, label), 1)
    before = counts[key % units]
    after = before - gone
    after[after.sum(1) < 2] = 0
    changed = np.bincount(key // units, _disagreement(after) - _disagreement(before), clusters)
    lost = np.zeros((clusters, labels), np.int64)
    np.add.at(lost, key // units, before - after)
    return _alpha(_disagreement(counts).sum() + changed, counts.sum(0) - lost)[:, None]


def _disagreement(counts: Counts) -> Values:
    """How often two labels of each unit differ, each label counted once: (units,)."""
    given = counts.sum(1)
    return (counts * (given[:, None] - counts)).sum(1) / np.maximum(given - 1, 1)


def _alpha(disagreement: Values, labels: Counts) -> Values:
    """Alpha from the disagreement of all units and how often each label was given: (…, labels)."""
    n = labels.sum(-1)
    expected = (labels * (n[..., None] - labels)).sum(-1) / np.maximum(n - 1, 1)
    return np.where(expected > 0, 1 - disagreement / np.maximum(expected, 1e-12), 1.0)
