"""Which products are variants or near-duplicates of one: their figures are not independent."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from similarity.indexes import Positions, Scores
from similarity.measures.metrics.schema import NEAR, NEAREST
from similarity.statistics.clusters import Numbers

GROUP = "item_group_id"  # the column that product feeds name variants of one product by


def group_numbers(products: pd.DataFrame) -> Numbers:
    """Return the number of each product's group by its GROUP, (n,); without one it is alone."""
    names = products[GROUP] if GROUP in products else pd.Series("", products.index)
    alone = pd.Series([f"\0{i}" for i in range(len(products))], products.index)
    return pd.factorize(names.where(names != "", alone))[0].astype(np.int64)


def near_duplicates(answers: Sequence[tuple[Positions, Scores]]) -> list[set[int]]:
    """Of each query, the products that every method finds nearly the same: see schema.NEAR.

    `answers` are the rankings of the same queries, by each method.
    """
    found: list[set[int]] = []
    for number, (near, scores) in enumerate(answers):
        close = zip(near[:, :NEAREST], scores[:, :NEAREST] >= NEAR, strict=True)
        sets = [set(row[flags].tolist()) for row, flags in close]
        found = [a & b for a, b in zip(found, sets, strict=True)] if number else sets
    return found


def join_near_duplicates(
    numbers: Numbers, queries: Sequence[int], twins: Sequence[Collection[int]]
) -> Numbers:
    """Return group numbers, (n,), in which near-duplicates share a group.

    `twins` are those of each query. A query's group takes in its twins' groups, which then take in
    no others: a chain of products that resemble the next one each is no single group.
    """
    leader: dict[int, int] = {}
    for query, some in zip(queries, twins, strict=True):
        own = int(numbers[query])
        if own in leader:
            continue
        for other in {int(numbers[twin]) for twin in some}:
            if other not in leader:
                leader[other] = own
                leader[own] = own
    return np.array([leader.get(number, number) for number in numbers.tolist()], np.int64)
