"""What a column says of an approximate index."""

import faiss
import numpy as np
import pytest

from similarity.indexes import Effort, Recall, VectorIndex
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.flat import FlatIndex
from similarity.ui.shared.query import Query
from similarity.ui.shared.shortcut import finds, share, shortcut

PRODUCT, WORDS = Query("product", "a"), Query("text", "a red dress")


class Known(ApproximateIndex):
    """One of which nothing is there but what it says of itself."""

    cells = 2048

    def __init__(self, **recall: Recall) -> None:
        self.effort = Effort(16, 40)
        self.recall = recall  # type: ignore[assignment]


def test_an_exact_index_has_nothing_to_say() -> None:
    exact = FlatIndex(faiss.IndexFlatIP(2))
    assert finds(exact, PRODUCT) == ""
    assert shortcut(exact, PRODUCT) == []


def test_words_are_told_what_was_found_by_words() -> None:
    index: VectorIndex = Known(
        pictures=Recall(0.996, 0.99, 0.999, 500), words=Recall(0.94, 0.9, 0.97, 61)
    )
    assert finds(index, PRODUCT) == "finds 99.6 % of the exact top 10"
    assert finds(index, WORDS) == "finds 94.0 % of the exact top 10"
    (said,) = shortcut(index, WORDS)
    assert "94.0 % [90.0 %, 97.0 %], a 95 % interval over 61 words of products" in said
    assert "16 cells of 2,048" in said


def test_where_words_were_not_measured_none_of_another_measurement_is_shown() -> None:
    index = Known(pictures=Recall(0.996, 0.99, 0.999, 500))
    assert "%" not in finds(index, WORDS)
    assert "was not measured" in shortcut(index, WORDS)[0]


@pytest.mark.parametrize(("of", "said"), [(1, "100 %"), (0.99999, "99.9 %"), (0.5, "50.0 %")])
def test_only_all_is_a_hundred_percent(of: float, said: str) -> None:
    assert share(np.float64(of)) == said
