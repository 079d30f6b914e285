"""Which categories the nearest products of a category belong to."""

import numpy as np
import pandas as pd

from similarity.indexes import Positions
from similarity.measures.metrics.folds import FOLDS
from similarity.measures.metrics.retrieval import CUTOFF
from similarity.measures.neighbours.schema import Neighbours
from similarity.statistics.clusters import fold_intervals
from similarity.statistics.intervals import Values


def compute_confusion(neighbours: Neighbours, categories: pd.Series) -> pd.DataFrame:
    """Return the share of each category among the first 10 results of each category's queries.

    `categories` are those of all products in order, empty for products without one. There is a row
    for each method, category and other category that occurs, with the mean over the category's n
    queries and its 95 % interval: see measures.folds. The category itself always has a row.
    """
    codes, names = pd.factorize(categories.where(categories != "", None), sort=True)
    query_codes = codes[neighbours.queries]
    folds = neighbours.folds
    if folds is None:
        folds = np.arange(len(codes)) % FOLDS
    rows = []
    for key, nearest in neighbours.by_method.items():
        means, counts = _compute_shares(codes[nearest[:, :CUTOFF]], query_codes, len(names))
        means_without = []
        for fold in range(int(folds.max(initial=0)) + 1):
            is_kept = folds[neighbours.queries] != fold
            order = np.argsort(folds[nearest[is_kept]] == fold, axis=1, kind="stable")[:, :CUTOFF]
            result_codes = codes[np.take_along_axis(nearest[is_kept], order, 1)]
            shares, query_counts = _compute_shares(result_codes, query_codes[is_kept], len(names))
            means_without.append(np.where(query_counts[:, None] > 0, shares, means))
        low, high, _ = fold_intervals(means, np.array(means_without))
        for code in np.flatnonzero(counts):
            if (codes == code).sum() < 2:
                continue
            for other in np.flatnonzero((means[code] > 0) | (np.arange(len(names)) == code)):
                limits = max(low[code, other], 0.0), min(high[code, other], 1.0)
                share = means[code, other]
                rows.append((key, names[code], names[other], counts[code], share, *limits))
    columns = ["method", "category", "found", "n", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _compute_shares(
    result_codes: Positions, query_codes: Positions, count: int
) -> tuple[Values, Positions]:
    """Return each category's shares in the results (n, k) of each category's queries (n,).

    Returns shares (count, count) and the number of queries of each category.
    """
    query_counts = np.bincount(query_codes[query_codes >= 0], minlength=count)
    pairs = (query_codes[:, None] * count + result_codes)[
        (query_codes[:, None] >= 0) & (result_codes >= 0)
    ]
    shares = np.bincount(pairs, minlength=count * count).reshape(count, count)
    return shares / np.maximum(query_counts[:, None] * result_codes.shape[1], 1), query_counts
