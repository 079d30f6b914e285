"""How sure a figure of a catalogue's own products is: it is measured again without a part of them.

A product is a query, and it is an answer to others: figures of neighbouring queries depend on the
same products. So each fold of products is left out both as queries and as answers (the
delete-a-group jackknife, Kott 2001, Journal of Official Statistics 17(4)).
"""

from collections.abc import Callable

import numpy as np

from similarity.measures.metrics.retrieval import Flags, without
from similarity.statistics.clusters import Numbers
from similarity.statistics.intervals import Values

FOLDS = 20
SEED = 0


def assign_folds(groups: Numbers) -> Numbers:
    """Return the fold of each product, (n,), drawn at random; those of a group share one."""
    names, places = np.unique(groups, return_inverse=True)
    order = np.random.default_rng(SEED).permutation(len(names))
    return (order % min(FOLDS, max(len(names), 1)))[places]


def means_without_folds(
    hits: Flags,
    answers: Numbers,
    queries: Numbers,
    relevant: Numbers,
    figures: Callable[[Flags, Numbers], Values],
) -> Values:
    """Return the means of figures without each fold: (folds, m).

    `hits` (n, depth) says which answers are relevant, and `answers` (n, depth) of which fold each
    is; `queries` (n,) are the queries' own folds, and `relevant` (n, folds) how many relevant
    products each fold has. `figures` takes hits and the number of all that are relevant, and gives
    (n, m). A query that nothing relevant is left of is left out; so is a fold that leaves no query.
    """
    means = []
    for fold in range(relevant.shape[1]):
        left = relevant.sum(1) - relevant[:, fold]
        asked = (queries != fold) & (left > 0)
        if asked.any():
            kept = without(hits[asked], answers[asked] == fold)
            means.append(figures(kept, left[asked]).mean(0))
    return np.array(means)
