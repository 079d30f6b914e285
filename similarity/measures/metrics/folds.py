"""Jackknife folds: figures of a catalogue are computed again without each part of its products.

A product is a query and also a result of other queries, so figures of neighbouring queries depend
on the same products. Each fold of products is therefore left out both as queries and as results
(the delete-a-group jackknife, Kott 2001, Journal of Official Statistics 17(4)).
"""

from collections.abc import Callable

import numpy as np

from similarity.measures.metrics.retrieval import Flags, remove_results
from similarity.statistics.clusters import Numbers
from similarity.statistics.intervals import Values

FOLDS = 20
SEED = 0


def assign_folds(groups: Numbers) -> Numbers:
    """Assign each product a random fold (n,); products of a group share one."""
    names, inverse = np.unique(groups, return_inverse=True)
    order = np.random.default_rng(SEED).permutation(len(names))
    return (order % min(FOLDS, max(len(names), 1)))[inverse]


def compute_means_without_folds(
    hits: Flags,
    result_folds: Numbers,
    query_folds: Numbers,
    relevant: Numbers,
    compute_figures: Callable[[Flags, Numbers], Values],
) -> Values:
    """Return the mean figures without each fold: (folds, m).

    `hits` (n, depth) tells which results are relevant, `result_folds` (n, depth) the fold of each,
    `query_folds` (n,) the queries' folds, and `relevant` (n, folds) the number of relevant products
    in each fold. `compute_figures` takes hits and the total number of relevant products, and
    returns (n, m). Queries without relevant products and folds without queries are skipped.
    """
    means = []
    for fold in range(relevant.shape[1]):
        remaining = relevant.sum(1) - relevant[:, fold]
        is_kept = (query_folds != fold) & (remaining > 0)
        if is_kept.any():
            kept_hits = remove_results(hits[is_kept], result_folds[is_kept] == fold)
            means.append(compute_figures(kept_hits, remaining[is_kept]).mean(0))
    return np.array(means)
