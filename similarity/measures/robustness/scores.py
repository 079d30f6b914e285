"""What is computed of the ranks at which methods find products by distorted pictures."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import ceil, floor

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from similarity.indexes import RandomPairs, Scores
from similarity.measures.metrics.schema import Difference, Figure
from similarity.measures.robustness.schema import (
    MIN_PRODUCTS,
    TOP_K,
    Curve,
    Median,
    MethodCurves,
    Point,
    SceneScore,
    compute_area_weights,
    list_amounts,
)
from similarity.perturbations import PERTURBATIONS, SCENES
from similarity.statistics.clusters import Numbers, clustered_share
from similarity.statistics.intervals import compute_interval, sum_groups
from similarity.statistics.significance import correct_holm

# The queries per product, as amounts by perturbation; the first is the unchanged picture.
QUERIES: list[dict[str, int]] = [{}]
QUERIES += [
    {key: amount} for key, each in PERTURBATIONS.items() for amount in each.measured_amounts
]
QUERIES += [dict(scene) for scene in SCENES.values() if dict(scene) not in QUERIES]

Counts = npt.NDArray[np.int64]


def compute_curves(
    scores: Scores, counts_before: Counts, pairs: RandomPairs, groups: Numbers
) -> dict[str, Curve]:
    """Return one method's curves, each over the products that it applies to.

    `scores` (n, QUERIES) are cosines with the product, NaN where the picture is not suitable;
    `counts_before` (n, QUERIES) is how many products precede it. `groups` (n,) are the products'
    group numbers.
    """
    computed = {}
    for key, perturbation in PERTURBATIONS.items():
        curve_amounts = list_amounts(perturbation)
        columns = [QUERIES.index({key: amount} if amount else {}) for amount in curve_amounts]
        is_applicable = np.isfinite(scores[:, columns]).all(1)
        if is_applicable.sum() < MIN_PRODUCTS:
            continue
        cosines_by_amount, before_by_amount, curve_groups = (
            scores[is_applicable][:, columns],
            counts_before[is_applicable][:, columns],
            groups[is_applicable],
        )
        points = []
        for amount, cosines, preceding in zip(
            curve_amounts, cosines_by_amount.T, before_by_amount.T, strict=True
        ):
            similarity = compute_median(cosines, curve_groups)
            points.append(
                Point(
                    amount,
                    similarity=similarity,
                    share_at_most=_compute_share_at_most(pairs, similarity),
                    first_share=compute_share(preceding == 0, curve_groups),
                    top_share=compute_share(preceding < TOP_K, curve_groups),
                )
            )
        areas = (before_by_amount == 0) @ compute_area_weights(perturbation)
        area = Figure(float(areas.mean()), *compute_interval(areas, curve_groups))
        computed[key] = Curve(int(is_applicable.sum()), points, area)
    return computed


def compute_scenes(
    scores: Scores, counts_before: Counts, products: Sequence[str], groups: Numbers
) -> dict[str, SceneScore]:
    """Return how often one method finds products in each scene, by the scene's name.

    `scores`, `counts_before` and `groups` are as in `compute_curves`; `products` (n,) are ids. A
    scene that suits too few pictures is left out.
    """
    computed = {}
    for name, scene in SCENES.items():
        column = QUERIES.index(dict(scene))
        applicable = np.flatnonzero(np.isfinite(scores[:, column]))
        if len(applicable) < MIN_PRODUCTS:
            continue
        before, scene_groups = counts_before[applicable, column], groups[applicable]
        computed[name] = SceneScore(
            len(applicable),
            compute_share(before == 0, scene_groups),
            compute_share(before < TOP_K, scene_groups),
            [products[i] for i in applicable[before < TOP_K]],
        )
    return computed


def compare_scenes(
    methods: Mapping[str, MethodCurves], products: Sequence[str], groups: Numbers
) -> list[Difference]:
    """Return the differences of the top shares of every two methods in each scene.

    `products` (n,) are the ids of the sample and `groups` (n,) their groups. p is that of a sign
    test over groups, exact and two-sided, which is McNemar's where each product is a group; it is
    corrected by Holm's method for the pairs of a scene.
    """
    differences = []
    for name in SCENES:
        scores = {key: each.scenes[name] for key, each in methods.items() if name in each.scenes}
        is_in_top = {
            key: np.isin(products, score.top_products).astype(np.float64)
            for key, score in scores.items()
        }
        pairs = [pair for pair in combinations(scores, 2) if len({scores[k].n for k in pair}) == 1]
        p_values, estimates = [], []
        for one, other in pairs:
            values = is_in_top[one] - is_in_top[other]
            better = sum_groups(values[:, None], groups)[0][:, 0]
            wins, losses = int((better > 0).sum()), int((better < 0).sum())
            test = binomtest(wins, wins + losses) if wins + losses else None
            p_values.append(float(test.pvalue) if test else 1.0)
            scale = len(products) / scores[one].n  # other pictures were found by neither
            limits = compute_interval(values, groups)
            estimates.append(Figure(*(float(scale * each) for each in (values.mean(), *limits))))
        differences += [
            Difference(*pair, name, estimate, p, corrected)
            for pair, estimate, p, corrected in zip(
                pairs, estimates, p_values, correct_holm(p_values), strict=True
            )
        ]
    return differences


def compute_share(flags: npt.NDArray[np.bool_], groups: Numbers) -> Figure:
    """Return the share of flags with its 95 % interval over groups."""
    interval = clustered_share(flags, [groups])
    return Figure(interval.mean, interval.low, interval.high)


def compute_median(values: Scores, groups: Numbers) -> Median:
    """Return the median with its 95 % interval by Woodruff (1952).

    The limits are the values at the ranks where the interval of the share of values up to the
    median starts and ends, and the next values outside.
    """
    centre, n = float(np.median(values)), len(values)
    below = clustered_share(values <= centre, [groups])
    first, last = max(floor(below.low * n), 1), min(ceil(below.high * n) + 1, n)
    low, high = np.sort(values)[[first - 1, last - 1]].tolist()
    return Median(centre, low, high)


def _compute_share_at_most(pairs: RandomPairs, similarity: Median) -> Median | None:
    """Return the share of random pairs that are no nearer, which maps quantiles to quantiles."""
    shares = [pairs.share_at_most(x) for x in (similarity.median, similarity.low, similarity.high)]
    values = [share for share in shares if share is not None]
    return Median(*values) if values else None
