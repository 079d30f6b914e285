"""Krippendorff's alpha: agreement of several people beyond chance."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from similarity.measures.metrics.schema import Figure
from similarity.statistics.clusters import Numbers, jackknife
from similarity.statistics.intervals import Values

Counts = npt.NDArray[np.int64]


def compute_nominal_alpha(counts: Counts) -> float:
    """Return alpha for unordered labels (Krippendorff 2011, section C).

    `counts` (units, labels) is how often each unit got each label, at least two labels per unit. 1
    is full agreement, also if only one label occurs; 0 is agreement by chance.
    """
    distance = _make_nominal(counts.shape[1])
    disagreement = _compute_disagreement(counts, distance).sum()
    return float(_compute_alpha(disagreement, counts.sum(0), distance))


def _make_nominal(labels: int) -> Counts:
    """Return the distances of unordered labels: 1 if they differ."""
    return 1 - np.eye(labels, dtype=np.int64)


def estimate_alpha(
    unit: Numbers,
    label: Numbers,
    clusters: Sequence[Numbers],
    distance: Counts | None = None,
) -> Figure:
    """Return alpha of n labels and its 95 % interval by the jackknife over clusters.

    `unit`, `label` and each of `clusters` are numbers from 0: (n,). Each unit has at least two
    labels, and at most one per person. `distance` (labels, labels) is how far two labels differ;
    without it they are unordered.
    """
    from scipy.special import stdtrit  # a third of a second: no app's start waits for it

    if distance is None:
        distance = _make_nominal(int(label.max()) + 1)
    counts = np.zeros((int(unit.max()) + 1, len(distance)), np.int64)
    np.add.at(counts, (unit, label), 1)
    disagreement, labels = _compute_disagreement(counts, distance).sum(), counts.sum(0)
    estimate = np.array([_compute_alpha(disagreement, labels, distance)])
    alphas_without = [
        _compute_without(counts, unit, label, numbers, distance) for numbers in clusters
    ]
    present_unit, present_label = counts.nonzero()
    without_one = _compute_without(
        counts, present_unit, present_label, np.arange(len(present_unit)), distance
    )
    label_counts = counts[present_unit, present_label].astype(np.float64)
    spread = jackknife(estimate, alphas_without, without_one, label_counts)
    half = float(stdtrit(spread.freedom[0], 0.975) * spread.variance[0] ** 0.5)
    alpha = float(estimate[0])
    return Figure(alpha, max(alpha - half, -1.0), min(alpha + half, 1.0))


def _compute_without(
    counts: Counts, unit: Numbers, label: Numbers, cluster: Numbers, distance: Counts
) -> Values:
    """Return alpha without the labels of each cluster: (clusters, 1).

    Units that are left with a single label are dropped.
    """
    units, labels = counts.shape
    clusters = int(cluster.max()) + 1
    # the units that each cluster has labelled
    touched, inverse = np.unique(cluster * units + unit, return_inverse=True)
    removed = np.zeros((len(touched), labels), np.int64)
    np.add.at(removed, (inverse, label), 1)
    before = counts[touched % units]
    after = before - removed
    after[after.sum(1) < 2] = 0
    difference = _compute_disagreement(after, distance) - _compute_disagreement(before, distance)
    change = np.bincount(touched // units, difference, clusters)
    removed_labels = np.zeros((clusters, labels), np.int64)
    np.add.at(removed_labels, touched // units, before - after)
    disagreement = _compute_disagreement(counts, distance).sum() + change
    return _compute_alpha(disagreement, counts.sum(0) - removed_labels, distance)[:, None]


def _compute_disagreement(counts: Counts, distance: Counts) -> Values:
    """Return how far two labels of each unit differ, counting each label once: (units,)."""
    return (counts * (counts @ distance)).sum(1) / np.maximum(counts.sum(1) - 1, 1)


def _compute_alpha(disagreement: Values, labels: Counts, distance: Counts) -> Values:
    """Return alpha from the disagreement of all units and the counts of labels (…, labels)."""
    n = labels.sum(-1)
    expected = (labels * (labels @ distance)).sum(-1) / np.maximum(n - 1, 1)
    return np.where(expected > 0, 1 - disagreement / np.maximum(expected, 1e-12), 1.0)
