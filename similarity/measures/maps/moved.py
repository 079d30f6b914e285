"""What moves between two methods: products whose neighbours change, and groups that go together.

All by neighbours in the methods' own spaces, never by what is near on a map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array, eye_array
from scipy.spatial.distance import squareform

from similarity.indexes import Positions
from similarity.measures.maps.schema import K, Maps

CHANGED = K // 2  # neighbours that a product of a group has other ones for, at least
MOST = 2000  # products that are put into groups: those that change most
APART = 0.6  # two parts of a group are on average no further, 1 less a cosine
LEAST, GROUPS = 5, 6  # products in a group, and groups

Likeness = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Products that leave the same neighbours for the same others, as numbers on the map.

    `members` begin with those that are most like the rest. `lost` are what they leave and `gained`
    what they come to, the most common first.
    """

    members: list[int]
    lost: list[int]
    gained: list[int]


def groups(found: Maps, one: str, other: str) -> list[Group]:
    """Up to GROUPS groups of products that move together, none in two of them; best first.

    The idea is Emblaze's (Sivaraman, Wu and Perer 2022): products are alike that lose the same
    neighbours and gain the same. Neighbours of these neighbours count, too, or in a crowd of a
    hundred products no two would share any. Likeness is a cosine, the smaller one of both; groups
    are those of average linkage, and the best are large and alike.
    """
    before, after = (_graph(found.numbers[key]) for key in (one, other))
    kept = before * after
    lost, gained = before - kept, after - kept
    moved = K - found.near.shared(one, other, K)
    some = np.flatnonzero(moved >= CHANGED)
    some = np.sort(some[np.argsort(-moved[some], kind="stable")[:MOST]])
    if len(some) < LEAST:
        return []
    alike = np.minimum(_cosines(lost, before, some), _cosines(gained, after, some))
    apart = np.clip(1 - alike, 0, 1)
    np.fill_diagonal(apart, 0)
    labels = fcluster(linkage(squareform(apart, checks=False), "average"), APART, "distance")
    rated = []
    for label in np.flatnonzero(np.bincount(labels) >= LEAST):
        own = np.flatnonzero(labels == label)
        within = (alike[np.ix_(own, own)].sum(1) - 1) / (len(own) - 1)
        order = own[np.argsort(-within, kind="stable")]
        rated.append((within.mean() * np.sqrt(len(own)), some[order]))
    rated.sort(key=lambda each: -each[0])
    return [
        Group(own.tolist(), _common(lost, own), _common(gained, own)) for _, own in rated[:GROUPS]
    ]


def common(values: Sequence[str]) -> tuple[str, int]:
    """The value that most have, and how many; ("", 0) where none has one."""
    found, counts = np.unique([value for value in values if value], return_counts=True)
    if not len(found):
        return "", 0
    most = int(np.argmax(counts))
    return str(found[most]), int(counts[most])


def _graph(near: Positions) -> Any:
    """Who is near whom, 1 or 0: sparse (n, n)."""
    n, k = near.shape
    rows = np.repeat(np.arange(n), k)
    return csr_array((np.ones(n * k), (rows, near.ravel())), shape=(n, n))


def _cosines(changes: Any, graph: Any, some: Positions) -> Likeness:
    """Between the changes of some products, each spread to the changes' own neighbours: (m, m)."""
    spread = (changes @ (eye_array(graph.shape[0]) + graph)).tocsr()[some]
    lengths = np.sqrt((spread * spread).sum(1))
    return (spread @ spread.T).toarray() / np.outer(lengths, lengths).clip(1e-12)


def _common(changes: Any, own: Positions) -> list[int]:
    """The neighbours that most of a group lose, or gain; equally many in the catalogue's order."""
    counts = np.asarray(changes[own].sum(0)).ravel()
    order = np.argsort(-counts, kind="stable")
    return order[: int((counts > 0).sum())].tolist()
