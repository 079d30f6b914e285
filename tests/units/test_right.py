"""How many results are right, and the order in which disagreements are shown."""

import numpy as np
import pytest

from similarity.measures.neighbours.right import count_right, list_disagreements
from similarity.measures.neighbours.schema import Neighbours

VALUES = np.array(["sock", "sock", "sock", "cap", "cap", ""], dtype=object)


def make_neighbours(**by_method: list[list[int]]) -> Neighbours:
    ids = [f"p{i}" for i in range(len(VALUES))]
    rows = {key: np.array(near) for key, near in by_method.items()}
    return Neighbours(ids, dict.fromkeys(rows, ""), np.arange(len(VALUES)), rows)


def test_right_results_have_the_querys_value_and_a_query_without_one_has_none() -> None:
    near = [[1, 2], [0, 3], [3, 4], [4, 0], [0, 1], [5, 5]]
    counts = count_right(make_neighbours(one=near), VALUES, 2)
    assert counts["one"].tolist() == [2, 1, 0, 1, 0, 0]
    assert count_right(make_neighbours(one=near), VALUES, 1)["one"].tolist() == [1, 1, 0, 1, 0, 0]


def test_the_largest_difference_comes_first_then_the_next_value() -> None:
    good = [[1, 2], [0, 2], [0, 1], [4, 4], [3, 3], [0, 1]]
    poor = [[1, 3], [3, 4], [3, 4], [4, 0], [3, 3], [0, 1]]
    neighbours = make_neighbours(good=good, poor=poor)
    # differences 1, 2, 2, 1, 0 and 0; of each value one product before the second of any
    assert list_disagreements(neighbours, VALUES, ["good", "poor"], 2) == ["p1", "p3", "p2", "p0"]


def test_methods_that_agree_have_no_disagreements() -> None:
    near = [[1, 2]] * 6
    assert list_disagreements(make_neighbours(a=near, b=near), VALUES, ["a", "b"], 2) == []


def test_a_method_that_was_not_compared_is_refused() -> None:
    with pytest.raises(KeyError):
        list_disagreements(make_neighbours(a=[[1, 2]] * 6), VALUES, ["a", "other"], 2)
