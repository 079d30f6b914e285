"""Compare two methods product by product, from stored neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from similarity.measures.neighbours.schema import Neighbours

Subset = Literal["all", "one", "other"]  # all products, or those that only one method gets right
SUBSETS = get_args(Subset)


@dataclass(frozen=True)
class SplitResults:
    """A query's first k results by two methods, as positions in the catalogue.

    `common` are in both, in the order of the first method; the others are in one only.
    """

    query: int
    common: list[int]
    only_one: list[int]
    only_other: list[int]


@dataclass(frozen=True)
class MethodComparison:
    """Two methods' results for the products of a sample.

    `overlap` (n,) is how many of the first k results they share. `is_right` and `is_other_right`
    (n,) tell whether each method's first result has the query's category.
    """

    neighbours: Neighbours
    one: str
    other: str
    k: int
    overlap: npt.NDArray[np.int64]
    is_right: npt.NDArray[np.bool_]  # the first method's first result
    is_other_right: npt.NDArray[np.bool_]
    has_category: npt.NDArray[np.bool_]  # whether there is another product of the query's category

    def compute_histogram(self) -> npt.NDArray[np.int64]:
        """Return how many products have 0, 1 … k results in common: (k + 1,)."""
        return np.bincount(self.overlap, minlength=self.k + 1)

    def is_in_subset(self, subset: Subset) -> npt.NDArray[np.bool_]:
        """Return whether each product is in a subset: (n,)."""
        if subset == "all":
            return np.ones(len(self.overlap), bool)
        exclusive = self.is_right & ~self.is_other_right, self.is_other_right & ~self.is_right
        return self.has_category & exclusive[0 if subset == "one" else 1]

    def list_rows(self, subset: Subset, low: int, high: int) -> list[int]:
        """Return the rows of a subset's products with `low` to `high` common results.

        Sorted by overlap, the lowest first, then in catalogue order.
        """
        rows = np.flatnonzero(
            self.is_in_subset(subset) & (self.overlap >= low) & (self.overlap <= high)
        )
        return rows[np.argsort(self.overlap[rows], kind="stable")].tolist()

    def split_results(self, row: int) -> SplitResults:
        """Return one product's results."""
        first = self.neighbours.by_method[self.one][row, : self.k].tolist()
        second = self.neighbours.by_method[self.other][row, : self.k].tolist()
        return SplitResults(
            int(self.neighbours.queries[row]),
            [i for i in first if i in second],
            [i for i in first if i not in second],
            [i for i in second if i not in first],
        )


def compare_methods(
    neighbours: Neighbours, one: str, other: str, k: int, categories: Sequence[str]
) -> MethodComparison:
    """Compare the first k results of two methods.

    `categories` are those of all products, empty for products without one.
    """
    category_array = np.asarray(categories, dtype=object)
    query_categories = category_array[neighbours.queries]
    counts = pd.Series(category_array).value_counts()
    has_category = (query_categories != "") & (counts.reindex(query_categories).to_numpy() > 1)
    is_right, is_other_right = (
        category_array[neighbours.by_method[key][:, 0]] == query_categories for key in (one, other)
    )
    return MethodComparison(
        neighbours,
        one,
        other,
        k,
        neighbours.compute_overlap(one, other, k),
        is_right,
        is_other_right,
        has_category,
    )
