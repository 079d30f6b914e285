"""Which categories the nearest products of a category are of."""

import numpy as np
import pandas as pd

from similarity.indexes import Positions
from similarity.measures.metrics.folds import FOLDS
from similarity.measures.metrics.retrieval import AT
from similarity.measures.neighbours.schema import Neighbours
from similarity.statistics.clusters import fold_intervals
from similarity.statistics.intervals import Values


def confusion(found: Neighbours, categories: pd.Series) -> pd.DataFrame:
    """Shares of the first 10 of each category's queries that are of each category, by each method.

    `categories` are those of all products in their order, empty where there is none. A row for
    each method, category and other category that occurs: the mean over the category's n queries,
    the same category's among them (0 if none is), with its 95 % interval: see measures.folds.
    """
    codes, names = pd.factorize(categories.where(categories != "", None), sort=True)
    own = codes[found.queries]
    folds = found.folds
    if folds is None:
        folds = np.arange(len(codes)) % FOLDS
    rows = []
    for key, near in found.near.items():
        means, counts = _shares(codes[near[:, :AT]], own, len(names))
        without = []
        for fold in range(int(folds.max(initial=0)) + 1):
            kept = folds[found.queries] != fold
            order = np.argsort(folds[near[kept]] == fold, axis=1, kind="stable")[:, :AT]
            others = codes[np.take_along_axis(near[kept], order, 1)]
            left, asked = _shares(others, own[kept], len(names))
            without.append(np.where(asked[:, None] > 0, left, means))
        low, high, _ = fold_intervals(means, np.array(without))
        for code in np.flatnonzero(counts):
            if (codes == code).sum() < 2:
                continue
            for other in np.flatnonzero((means[code] > 0) | (np.arange(len(names)) == code)):
                limits = max(low[code, other], 0.0), min(high[code, other], 1.0)
                share = means[code, other]
                rows.append((key, names[code], names[other], counts[code], share, *limits))
    columns = ["method", "category", "found", "n", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _shares(others: Positions, own: Positions, count: int) -> tuple[Values, Positions]:
    """The share of each category among the answers (n, k) of each category's queries, (n,): (count,
    count), and how many queries each has."""
    asked = np.bincount(own[own >= 0], minlength=count)
    both = (own[:, None] * count + others)[(own[:, None] >= 0) & (others >= 0)]
    shares = np.bincount(both, minlength=count * count).reshape(count, count)
    return shares / np.maximum(asked[:, None] * others.shape[1], 1), asked
