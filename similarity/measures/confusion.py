"""Which categories the nearest products of a category are of."""

import numpy as np
import pandas as pd

from similarity.measures.intervals import Values, intervals
from similarity.measures.neighbours import Neighbours
from similarity.measures.retrieval import AT


def confusion(found: Neighbours, categories: pd.Series) -> pd.DataFrame:
    """Shares of the first 10 of each category's queries that are of each category, by each method.

    `categories` are those of all products in their order, empty where there is none. A row for
    each method, category and other category that occurs: the mean over the category's n queries,
    the same category's among them (0 if none is), with the 95 % interval of it over the queries.
    """
    codes, names = pd.factorize(categories.where(categories != "", None), sort=True)
    own = codes[found.queries]
    rows = []
    groups = np.arange(len(own)) if found.groups is None else found.groups
    for key, near in found.near.items():
        others = codes[near[:, :AT]]
        for code in range(len(names)):
            asked = others[own == code]
            if not asked.size or (codes == code).sum() < 2:
                continue
            shares = _shares(asked, len(names))
            kept = np.flatnonzero((shares > 0).any(0) | (np.arange(len(names)) == code))
            limits = intervals(shares[:, kept], groups[own == code])
            for other, (low, high) in zip(kept, limits, strict=True):
                mean = shares[:, other].mean()
                rows.append((key, names[code], names[other], len(asked), mean, low, high))
    columns = ["method", "category", "found", "n", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _shares(codes: np.ndarray, count: int) -> Values:
    """Of each row of codes the share of each value: (n, k) gives (n, count)."""
    rows = np.arange(len(codes))[:, None] * count
    flat = (rows + codes)[codes >= 0]
    return np.bincount(flat, minlength=len(codes) * count).reshape(-1, count) / codes.shape[1]
