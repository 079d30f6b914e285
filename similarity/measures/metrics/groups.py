"""Groups of variants and near-duplicates, whose figures are not independent."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from similarity.indexes import Positions, Scores
from similarity.indexes.folding import NEAR
from similarity.measures.metrics.schema import NEAREST
from similarity.statistics.clusters import Numbers

GROUP = "item_group_id"  # the column in which product feeds name the variants of a product


def number_groups(products: pd.DataFrame) -> Numbers:
    """Return the number of each product's group by its GROUP (n,); others form their own group."""
    names = products[GROUP] if GROUP in products else pd.Series("", products.index)
    own_names = pd.Series([f"\0{i}" for i in range(len(products))], products.index)
    return pd.factorize(names.where(names != "", own_names))[0].astype(np.int64)


def find_near_duplicates(rankings: Sequence[tuple[Positions, Scores]]) -> list[set[int]]:
    """Return the products that every method finds nearly identical to each query: see NEAR.

    `rankings` are neighbours and scores of the same queries, by each method.
    """
    duplicates: list[set[int]] = []
    for number, (neighbours, scores) in enumerate(rankings):
        close = zip(neighbours[:, :NEAREST], scores[:, :NEAREST] >= NEAR, strict=True)
        sets = [set(row[flags].tolist()) for row, flags in close]
        duplicates = [a & b for a, b in zip(duplicates, sets, strict=True)] if number else sets
    return duplicates


def join_near_duplicates(
    numbers: Numbers, queries: Sequence[int], duplicates: Sequence[Collection[int]]
) -> Numbers:
    """Return group numbers (n,) in which near-duplicates share a group.

    `duplicates` are those of each query. A query's group absorbs the groups of its duplicates,
    which then absorb no others, so a chain of similar products doesn't become a single group.
    """
    leader: dict[int, int] = {}
    for query, query_duplicates in zip(queries, duplicates, strict=True):
        group = int(numbers[query])
        if group in leader:
            continue
        for other_group in {int(numbers[duplicate]) for duplicate in query_duplicates}:
            if other_group not in leader:
                leader[other_group] = group
                leader[group] = group
    return np.array([leader.get(number, number) for number in numbers.tolist()], np.int64)
