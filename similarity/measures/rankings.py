"""Exact rankings: compare queries with a whole catalogue at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from similarity.catalogue import Catalogue
from similarity.hits import Hit
from similarity.indexes import Positions, Rows, Scores, VectorIndex
from similarity.methods import Method

BATCH_BYTES, MAX_ROWS = 160_000_000, 4096  # bytes and rows of a batch
MAX_COSINES = 20_000_000  # held in memory at once


class RowSource(Protocol):
    """What is ranked: an index, or some of its rows."""

    @property
    def count(self) -> int:
        """The number of rows."""

    @property
    def row_type(self) -> type[np.generic]:
        """The type of the rows' numbers."""

    def read(self, positions: Positions) -> Rows:
        """Return some rows, as an index does."""

    def combine(self, rows: Rows, weights: Sequence[float]) -> Rows:
        """Return a weighted sum, as an index does."""

    def compute_cross_cosines(self, rows: Rows, others: Rows) -> Scores:
        """Return all cosines, as an index does."""


@dataclass(frozen=True)
class Segment:
    """The rows of an index at some positions (n,), numbered from 0."""

    index: VectorIndex
    positions: Positions

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.positions)

    @property
    def row_type(self) -> type[np.generic]:
        """See RowSource."""
        return self.index.row_type

    def read(self, positions: Positions) -> Rows:
        """See RowSource."""
        return self.index.read(self.positions[positions])

    def combine(self, rows: Rows, weights: Sequence[float]) -> Rows:
        """See RowSource."""
        return self.index.combine(rows, weights)

    def compute_cross_cosines(self, rows: Rows, others: Rows) -> Scores:
        """See RowSource."""
        return self.index.compute_cross_cosines(rows, others)


@dataclass(frozen=True)
class Rankings:
    """A method, its opened index, and its rankings for the queries: (n, depth)."""

    method: Method
    index: RowSource
    neighbours: Positions
    scores: Scores


def rank_products(
    index: RowSource,
    rows: Rows,
    own_positions: Positions,
    depth: int,
    report: Callable[[int], None],
) -> tuple[Positions, Scores]:
    """Return the first products for each query by exact search: positions and cosines (n, depth).

    `own_positions` (n,) are the queries' own positions, which are left out, or -1. Equal scores
    keep catalogue order, except at the last rank. `report` is called with the number of queries
    done.
    """
    _load_torch(index)
    batch_size = _choose_batch_size(rows)
    starts = range(0, index.count, batch_size)
    all_neighbours, all_scores = [np.empty((0, depth), np.int64)], [np.empty((0, depth))]
    for first in range(0, len(rows), batch_size):
        queries, batch_positions = (
            rows[first : first + batch_size],
            own_positions[first : first + batch_size],
        )
        neighbours: Positions = np.empty((len(queries), 0), np.int64)
        scores: Scores = np.empty((len(queries), 0))
        for done, start in enumerate(starts, 1):
            block = np.arange(start, min(start + batch_size, index.count))
            similarities = index.compute_cross_cosines(queries, index.read(block))
            similarities[batch_positions[:, None] == block] = -np.inf
            neighbours, scores = _merge(
                neighbours, np.broadcast_to(block, similarities.shape), scores, similarities, depth
            )
            report(first + len(queries) * done // len(starts))
        order = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
        all_neighbours.append(np.take_along_axis(neighbours, order, 1))
        all_scores.append(np.take_along_axis(scores, order, 1))
    return np.concatenate(all_neighbours), np.concatenate(all_scores)


def _load_torch(index: RowSource) -> None:
    """Import torch for rows of bytes, which many processors multiply faster with it."""
    if index.row_type is np.uint8:
        import torch  # noqa: F401


def _choose_batch_size(rows: Rows) -> int:
    """Return how many rows to compare at once."""
    return max(1, min(MAX_ROWS, BATCH_BYTES // (rows.itemsize * rows.shape[1])))


def _merge(
    neighbours: Positions,
    other_neighbours: Positions,
    scores: Scores,
    other_scores: Scores,
    depth: int,
) -> tuple[Positions, Scores]:
    """Return the best of both, in catalogue order."""
    neighbours, scores = (
        np.hstack([neighbours, other_neighbours]),
        np.hstack([scores, other_scores]),
    )
    if neighbours.shape[1] <= depth + 1:
        return neighbours, scores
    selected = np.sort(np.argpartition(-scores, depth, axis=1)[:, : depth + 1], 1)
    return np.take_along_axis(neighbours, selected, 1), np.take_along_axis(scores, selected, 1)


def rank_originals(
    index: VectorIndex, rows: Rows, own_positions: Positions
) -> tuple[Scores, Positions]:
    """Rank the product that each query was made from: cosines (n,) and how many precede it (n,).

    `own_positions` (n,) are these products. By exact search. Other products with the same cosine
    precede it, because otherwise a method that finds everything alike would rank every product
    first; products with the same vector don't.
    """
    _load_torch(index)
    distinct, inverse = np.unique(own_positions, return_inverse=True)
    originals = index.read(distinct)
    self_cosines = index.compute_cross_cosines(originals, originals).diagonal()
    scores = index.compute_cross_cosines(rows, originals)[np.arange(len(rows)), inverse]
    ranks = np.zeros(len(rows), np.int64)
    size, queries = _choose_batch_size(rows), np.concatenate([rows, originals])
    for start in range(0, index.count, size):
        block = index.read(np.arange(start, min(start + size, index.count)))
        cosines = index.compute_cross_cosines(queries, block)
        is_original = (cosines[len(rows) :] >= self_cosines[:, None]) & (self_cosines > 0)[:, None]
        ranks += ((cosines[: len(rows)] >= scores[:, None]) & ~is_original[inverse]).sum(1)
    return scores, ranks


def compute_pairwise_cosines(
    index: VectorIndex, positions: Positions
) -> Iterator[tuple[slice, Scores]]:
    """Yield the cosines of n products with each other, in blocks of rows of (n, n)."""
    size = _choose_batch_size(index.read(positions[:1]))
    rows = max(1, min(size, MAX_COSINES // len(positions)))
    for first in range(0, len(positions), rows):
        queries = index.read(positions[first : first + rows])
        blocks = [
            index.compute_cross_cosines(queries, index.read(positions[start : start + size]))
            for start in range(0, len(positions), size)
        ]
        yield slice(first, first + len(queries)), np.hstack(blocks)


def find_with_product(
    catalogue: Catalogue, method: Method, row: Rows, product: str, k: int
) -> tuple[list[Hit], Hit]:
    """Return the k products nearest to a row, and one product's hit, by exact search.

    Raises SimilarityError as `Catalogue.find_nearest`.
    """
    count, total = k, len(catalogue.products)
    while True:
        count = min(count, total)
        hits = catalogue.find_nearest(method, row, count, exact=True)
        for hit in hits:
            if hit.product == product:
                return hits[:k], hit
        assert count < total, f"{product} is in no answer"
        count *= 8
