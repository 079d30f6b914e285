"""How much of the exact answers an approximate index finds: asked and measured when it is built."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from similarity.indexes.base import Positions, Rows
from similarity.indexes.effort import AT, Recall
from similarity.statistics.intervals import limits
from similarity.statistics.sampling import draw_sample

PRODUCTS = 1000  # queries, one half to choose the effort by, the other to measure it with
SEED = 1
TIES = 64  # exact nearest that are looked at, so that all with the score of the last one count
DOING = "Measuring recall"


@dataclass(frozen=True)
class Queries:
    """Rows (n, dim), the products that they are or -1 (n,), and the products that belong to the
    exact top AT of each, with all that are as near as the last of them."""

    rows: Rows
    own: Positions
    answers: Sequence[set[int]]

    def half(self, which: int) -> "Queries":
        """Every second one, from the first or the second on."""
        return Queries(self.rows[which::2], self.own[which::2], self.answers[which::2])

    def lower_limit(self, lists: Positions) -> float:
        """Return the lower limit of the mean share that short lists (n, size) hold.

        Of its 95 % interval, by the normal approximation.
        """
        values = self._shares(lists)
        return float(values.mean() - 1.96 * values.std() / len(values) ** 0.5)

    def recall(self, lists: Positions) -> Recall:
        """Return the mean share that short lists (n, size) hold, with its 95 % interval."""
        values = self._shares(lists)
        low, high = limits(values)
        share = float(values.mean())
        return Recall(share, min(low, share), max(high, share), len(values))

    def _shares(self, lists: Positions) -> npt.NDArray[np.float64]:
        """The share of each exact top AT that short lists (n, size) hold."""
        found = [
            min(AT, len(answer.intersection(some.tolist()))) / AT
            for answer, some in zip(self.answers, lists, strict=True)
        ]
        return np.array(found)


def answers_of(scores: npt.NDArray[Any], near: Positions, itself: int) -> set[int]:
    """Of the exact nearest, in falling order: the top AT and all as near as the last of them."""
    scores, near = scores[near != itself], near[near != itself]
    return set(near[scores >= scores[AT - 1]].tolist())


def draw_queries(count: int) -> Positions:
    """Return the positions of the products, of `count`, that serve as queries."""
    return draw_sample(count, PRODUCTS, SEED)
