"""Measure the recall of approximate indexes when they are built."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from similarity.indexes.base import Positions, Rows
from similarity.indexes.effort import TOP_K, Recall
from similarity.statistics.intervals import compute_interval
from similarity.statistics.sampling import draw_sample

QUERIES = 1000  # half of them choose the effort, the other half measure it
SEED = 1
TIES = 64  # exact results that are examined, so that all tied with the last of the top count
ACTIVITY = "Measuring recall"


@dataclass(frozen=True)
class Queries:
    """Queries with their exact results.

    `rows` is (n, dim). `own_positions` (n,) are the products that the queries are, or -1.
    `exact_tops` are the positions of each query's exact top TOP_K, with all products tied with the
    last of them.
    """

    rows: Rows
    own_positions: Positions
    exact_tops: Sequence[set[int]]

    def take_half(self, start: int) -> "Queries":
        """Return every second query, starting with the first or the second."""
        return Queries(self.rows[start::2], self.own_positions[start::2], self.exact_tops[start::2])

    def compute_lower_limit(self, lists: Positions) -> float:
        """Return the lower limit of the mean recall of shortlists (n, size).

        It is that of the 95 % interval by the normal approximation.
        """
        values = self.compute_shares(lists)
        return float(values.mean() - 1.96 * values.std() / len(values) ** 0.5)

    def compute_recall(self, lists: Positions) -> Recall:
        """Return the mean recall of shortlists (n, size) with its 95 % interval."""
        return make_recall(self.compute_shares(lists))

    def compute_shares(self, lists: Positions) -> npt.NDArray[np.float64]:
        """Return the share of each exact top that shortlists (n, size) contain."""
        shares = [
            min(TOP_K, len(exact_top.intersection(shortlist.tolist()))) / TOP_K
            for exact_top, shortlist in zip(self.exact_tops, lists, strict=True)
        ]
        return np.array(shares)


def make_recall(
    shares: npt.NDArray[np.float64], groups: npt.NDArray[np.int64] | None = None
) -> Recall:
    """Return the mean share with its 95 % interval; `groups` are as in `compute_intervals`."""
    low, high = compute_interval(shares, groups)
    share = float(shares.mean())
    return Recall(share, min(low, share), max(high, share), len(shares))


def select_exact_top(scores: npt.NDArray[Any], positions: Positions, own_position: int) -> set[int]:
    """Return the top TOP_K of exact results in descending order, and all tied with the last."""
    scores, positions = scores[positions != own_position], positions[positions != own_position]
    return set(positions[scores >= scores[TOP_K - 1]].tolist())


def draw_queries(count: int) -> Positions:
    """Return the positions of the products, out of `count`, that serve as queries."""
    return draw_sample(count, QUERIES, SEED)
