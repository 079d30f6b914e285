"""How many of a product's neighbours are right: they have its value of an attribute."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from similarity.indexes import Positions
from similarity.measures.neighbours.schema import Neighbours

Values = npt.NDArray[np.object_]


def count_right(neighbours: Neighbours, values: Values, k: int) -> dict[str, Positions]:
    """Return how many of each query's first k results are right, by method: (n,).

    `values` (products,) are those of an attribute, empty for products without one. A query without
    a value has no right results.
    """
    query_values = values[neighbours.queries]
    return {
        key: ((values[near[:, :k]] == query_values[:, None]) & (query_values != "")[:, None]).sum(1)
        for key, near in neighbours.by_method.items()
    }


def list_disagreements(
    neighbours: Neighbours, values: Values, methods: Sequence[str], k: int
) -> list[str]:
    """Return the products whose right results differ among the methods, most telling first.

    The first product of each value comes before the second of any, so that a list doesn't start
    with twenty socks. Within that, a larger distance between best and worst method comes first,
    then larger differences between all pairs, then catalogue order. Raises KeyError for a method
    that was not compared.
    """
    counts_by_method = count_right(neighbours, values, k)
    counts = np.stack([counts_by_method[key] for key in methods])
    spread = np.ptp(counts, axis=0)
    differences = np.abs(counts[:, None] - counts[None]).sum((0, 1))
    order = np.lexsort((-differences, -spread))
    order = order[spread[order] > 0]
    turns = _number_turns(values[neighbours.queries[order]])
    return [neighbours.ids[neighbours.queries[i]] for i in order[np.argsort(turns, kind="stable")]]


def _number_turns(values: Sequence[str]) -> Positions:
    """Return how many equal values precede each value: (n,)."""
    counts: dict[str, int] = {}
    turns = np.empty(len(values), np.int64)
    for i, value in enumerate(values):
        turns[i] = counts.get(value, 0)
        counts[value] = turns[i] + 1
    return turns
