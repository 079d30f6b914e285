"""Group the products whose neighbours change in the same way between two methods.

Uses neighbours in the methods' own spaces, never distances on a map.
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

MIN_CHANGED = K // 2  # neighbours that must change for a product to join a group
MAX_PRODUCTS = 2000  # that are grouped: those that change most
MAX_DISTANCE = 0.6  # average distance within a group, 1 minus a cosine
MIN_GROUP, MAX_GROUPS = 5, 6  # products in a group; number of groups

Likeness = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Products that exchange the same neighbours for the same others, as numbers on the map.

    `members` start with the most typical ones. `lost` are the neighbours that they lose and
    `gained` those that they gain, most common first.
    """

    members: list[int]
    lost: list[int]
    gained: list[int]


def group_changes(maps: Maps, one: str, other: str) -> list[Group]:
    """Return up to GROUPS disjoint groups of products that change together, best first.

    The idea is from Emblaze (Sivaraman, Wu and Perer 2022): products are alike if they lose and
    gain the same neighbours. Neighbours of these neighbours count as well; otherwise no two
    products in a crowd of a hundred would share any. The likeness of two products is the smaller of
    two cosines, of what they lose and of what they gain. Groups come from average linkage; the best
    ones are large and alike.
    """
    before, after = (_build_graph(maps.map_neighbours[key]) for key in (one, other))
    unchanged = before * after
    lost, gained = before - unchanged, after - unchanged
    change_counts = K - maps.neighbours.compute_overlap(one, other, K)
    changed = np.flatnonzero(change_counts >= MIN_CHANGED)
    changed = np.sort(changed[np.argsort(-change_counts[changed], kind="stable")[:MAX_PRODUCTS]])
    if len(changed) < MIN_GROUP:
        return []
    alike = np.minimum(
        _compute_likeness(lost, before, changed), _compute_likeness(gained, after, changed)
    )
    distances = np.clip(1 - alike, 0, 1)
    np.fill_diagonal(distances, 0)
    labels = fcluster(
        linkage(squareform(distances, checks=False), "average"), MAX_DISTANCE, "distance"
    )
    candidates = []
    for label in np.flatnonzero(np.bincount(labels) >= MIN_GROUP):
        members = np.flatnonzero(labels == label)
        within = (alike[np.ix_(members, members)].sum(1) - 1) / (len(members) - 1)
        order = members[np.argsort(-within, kind="stable")]
        candidates.append((within.mean() * np.sqrt(len(members)), changed[order]))
    candidates.sort(key=lambda candidate: -candidate[0])
    return [
        Group(members.tolist(), _count_common(lost, members), _count_common(gained, members))
        for _, members in candidates[:MAX_GROUPS]
    ]


def find_most_common(values: Sequence[str]) -> tuple[str, int]:
    """Return the most common value and its count, or ("", 0) if there are no values."""
    names, counts = np.unique([value for value in values if value], return_counts=True)
    if not len(names):
        return "", 0
    best = int(np.argmax(counts))
    return str(names[best]), int(counts[best])


def _build_graph(neighbours: Positions) -> Any:
    """Return the neighbour graph as a sparse (n, n) matrix of 0 and 1."""
    n, k = neighbours.shape
    rows = np.repeat(np.arange(n), k)
    return csr_array((np.ones(n * k), (rows, neighbours.ravel())), shape=(n, n))


def _compute_likeness(changes: Any, graph: Any, products: Positions) -> Likeness:
    """Return the cosines (m, m) between products' changes, each spread to its neighbours."""
    spread = (changes @ (eye_array(graph.shape[0]) + graph)).tocsr()[products]
    lengths = np.sqrt((spread * spread).sum(1))
    return (spread @ spread.T).toarray() / np.outer(lengths, lengths).clip(1e-12)


def _count_common(changes: Any, members: Positions) -> list[int]:
    """Return the neighbours that a group loses or gains, most common first."""
    counts = np.asarray(changes[members].sum(0)).ravel()
    order = np.argsort(-counts, kind="stable")
    return order[: int((counts > 0).sum())].tolist()
