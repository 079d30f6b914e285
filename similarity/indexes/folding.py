"""Results that share one place: near-duplicates, and products of one group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from similarity.filters import Values
from similarity.indexes.base import Positions, VectorIndex

NEAR = 0.95  # lowest cosine of near-duplicates, by every method
MAX_FOLDED = 1000  # results that are examined for near-duplicates; later ones are their own


@dataclass(frozen=True)
class Folding:
    """What shares one result.

    Near-duplicates are products with a cosine of at least NEAR by all of `indexes`; without
    indexes, none are. Products with the same value of `groups`, if any, share a result as well.
    """

    indexes: Sequence[VectorIndex] = ()
    groups: Values | None = None

    def fold(self, positions: Positions) -> Positions:
        """Return for each result (n,), best first, the number of the one that it is folded into.

        That is an earlier one, which isn't folded itself, or the result itself.
        """
        count = len(positions)
        first = np.arange(count)
        is_near = self._find_near_duplicates(positions[:MAX_FOLDED])
        first_by_group: dict[int, int] = {}
        for number in range(count):
            if number < len(is_near):
                earlier = np.flatnonzero(is_near[number, :number])
                earlier = earlier[first[earlier] == earlier]
                if len(earlier):
                    first[number] = earlier[0]
            if self.groups is None:
                continue
            code = int(self.groups.codes[positions[number]])
            if self.groups.texts[code]:
                if code in first_by_group:
                    first[number] = min(first[number], first_by_group[code])
                elif first[number] == number:
                    first_by_group[code] = number
        return first

    def _find_near_duplicates(self, positions: Positions) -> np.ndarray:
        """Return which of some products are near-duplicates of each other: (n, n)."""
        if not self.indexes:
            return np.zeros((0, 0), bool)
        is_near = ~np.eye(len(positions), dtype=bool)
        for index in self.indexes:
            involved = np.flatnonzero(is_near.any(1))  # fewer with every method
            if not len(involved):
                break
            rows = index.read(positions[involved])
            cosines = index.compute_cross_cosines(rows, rows)
            square = np.ix_(involved, involved)
            is_near[square] &= cosines >= NEAR
        return is_near
