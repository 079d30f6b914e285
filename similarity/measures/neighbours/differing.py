"""Where two methods differ: product by product, from stored neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from similarity.measures.neighbours.schema import Neighbours

Which = Literal["all", "one", "other"]  # products: all, or those that one alone has right
WHICH = get_args(Which)


@dataclass(frozen=True)
class Split:
    """A query's first k by two methods: what both have, in the order of the first, and what one
    alone has. All are positions in the catalogue."""

    query: int
    both: list[int]
    one: list[int]
    other: list[int]


@dataclass(frozen=True)
class Differing:
    """Two methods' answers to the products of a sample.

    `shared` (n,) is how many of their first k they have in common. `right` (n,) and `wrong` say by
    the category of the first product which of them is right, where the query has a category.
    """

    found: Neighbours
    one: str
    other: str
    k: int
    shared: npt.NDArray[np.int64]
    right: npt.NDArray[np.bool_]  # the first by one
    other_right: npt.NDArray[np.bool_]
    judged: npt.NDArray[np.bool_]  # whether another product of the query's category is there

    def histogram(self) -> npt.NDArray[np.int64]:
        """How many products have 0, 1 … k in common: (k + 1,)."""
        return np.bincount(self.shared, minlength=self.k + 1)

    def is_in(self, which: Which) -> npt.NDArray[np.bool_]:
        """Whether each product is of these: (n,)."""
        if which == "all":
            return np.ones(len(self.shared), bool)
        alone = self.right & ~self.other_right, self.other_right & ~self.right
        return self.judged & alone[0 if which == "one" else 1]

    def among(self, which: Which, low: int, high: int, least: bool) -> list[int]:
        """The rows of these products that have from `low` to `high` in common, least first or
        last; equal ones in the catalogue's order."""
        some = np.flatnonzero(self.is_in(which) & (self.shared >= low) & (self.shared <= high))
        order = np.argsort(self.shared[some] * (1 if least else -1), kind="stable")
        return some[order].tolist()

    def split(self, row: int) -> Split:
        """One product's answers."""
        first = self.found.near[self.one][row, : self.k].tolist()
        second = self.found.near[self.other][row, : self.k].tolist()
        return Split(
            int(self.found.queries[row]),
            [i for i in first if i in second],
            [i for i in first if i not in second],
            [i for i in second if i not in first],
        )


def differing(
    found: Neighbours, one: str, other: str, k: int, categories: Sequence[str]
) -> Differing:
    """Compare two methods' first k; `categories` are those of all products, or empty."""
    of = np.asarray(categories, dtype=object)
    own = of[found.queries]
    counts = pd.Series(of).value_counts()
    judged = (own != "") & (counts.reindex(own).to_numpy() > 1)
    right, other_right = (of[found.near[key][:, 0]] == own for key in (one, other))
    return Differing(found, one, other, k, found.shared(one, other, k), right, other_right, judged)
