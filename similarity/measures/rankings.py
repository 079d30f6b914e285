"""Compare queries with a whole catalogue at once: exact answers as deep as one likes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from similarity.indexes import Positions, Rows, Scores, VectorIndex
from similarity.methods import Method

AT_ONCE, MOST = 160_000_000, 4096  # bytes of queries and of products that are compared, and rows
CELLS = 20_000_000  # cosines that are held at once


@dataclass(frozen=True)
class Rankings:
    """A method, its opened index, and what the rankings of the queries are by it."""

    method: Method
    index: VectorIndex
    near: Positions
    scores: Scores


def rankings(
    index: VectorIndex, rows: Rows, own: Positions, depth: int, tell: Callable[[int], None]
) -> tuple[Positions, Scores]:
    """The first products of each query by exact search: positions and cosines (n, depth).

    `own` (n,) are the queries' own positions, which are left out, or -1. Equal scores stand in the
    catalogue's order, but for those of the last place. `tell` hears how many are done.
    """
    _load_torch(index)
    size = _at_once(rows)
    starts = range(0, index.count, size)
    nearest, cosines = [np.empty((0, depth), np.int64)], [np.empty((0, depth))]
    for first in range(0, len(rows), size):
        queries, mine = rows[first : first + size], own[first : first + size]
        near: Positions = np.empty((len(queries), 0), np.int64)
        scores: Scores = np.empty((len(queries), 0))
        for done, start in enumerate(starts, 1):
            some = np.arange(start, min(start + size, index.count))
            found = index.cross(queries, index.read(some))
            found[mine[:, None] == some] = -np.inf
            near, scores = _joined(near, np.broadcast_to(some, found.shape), scores, found, depth)
            tell(first + len(queries) * done // len(starts))
        order = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
        nearest.append(np.take_along_axis(near, order, 1))
        cosines.append(np.take_along_axis(scores, order, 1))
    return np.concatenate(nearest), np.concatenate(cosines)


def _load_torch(index: VectorIndex) -> None:
    """Import torch for bytes, which many processors multiply several times as fast by it: see
    similarity.indexes.bytes."""
    if index.row_type is np.uint8:
        import torch  # noqa: F401


def _at_once(rows: Rows) -> int:
    """How many are compared at once."""
    return max(1, min(MOST, AT_ONCE // (rows.itemsize * rows.shape[1])))


def _joined(
    near: Positions, more: Positions, scores: Scores, others: Scores, depth: int
) -> tuple[Positions, Scores]:
    """The best of both, not in their order but in the catalogue's."""
    near, scores = np.hstack([near, more]), np.hstack([scores, others])
    if near.shape[1] <= depth + 1:
        return near, scores
    kept = np.sort(np.argpartition(-scores, depth, axis=1)[:, : depth + 1], 1)
    return np.take_along_axis(near, kept, 1), np.take_along_axis(scores, kept, 1)


def standings(index: VectorIndex, rows: Rows, own: Positions) -> tuple[Scores, Positions]:
    """Of queries, each made of the product at `own` (n,): cosines with it, and how many products
    stand before it: (n,), (n,).

    By exact search. Others that are as near stand before it, or a method that finds everything
    alike would find all of it first; unless their vectors are the product's own.
    """
    _load_torch(index)
    alone, which = np.unique(own, return_inverse=True)
    originals = index.read(alone)
    selves = index.cross(originals, originals).diagonal()
    scores = index.cross(rows, originals)[np.arange(len(rows)), which]
    before = np.zeros(len(rows), np.int64)
    size, both = _at_once(rows), np.concatenate([rows, originals])
    for start in range(0, index.count, size):
        others = index.read(np.arange(start, min(start + size, index.count)))
        found = index.cross(both, others)
        same = (found[len(rows) :] >= selves[:, None]) & (selves > 0)[:, None]
        before += ((found[: len(rows)] >= scores[:, None]) & ~same[which]).sum(1)
    return scores, before


def scores_of(index: VectorIndex, some: Positions) -> Iterator[tuple[slice, Scores]]:
    """The cosines of n products, at these positions, with each other.

    In parts: which rows of (n, n) they are, and those.
    """
    size = _at_once(index.read(some[:1]))
    rows = max(1, min(size, CELLS // len(some)))
    for first in range(0, len(some), rows):
        queries = index.read(some[first : first + rows])
        parts = [
            index.cross(queries, index.read(some[start : start + size]))
            for start in range(0, len(some), size)
        ]
        yield slice(first, first + len(queries)), np.hstack(parts)
