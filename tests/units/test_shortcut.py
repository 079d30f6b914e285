"""What a column says of an approximate index."""

import faiss
import numpy as np
import pytest

from similarity.indexes import Effort, Recall, VectorIndex
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.flat import FlatIndex
from similarity.ui.shared.query import make_query
from similarity.ui.shared.shortcut import describe_recall, describe_search, format_share

PRODUCT, WORDS = make_query("product", "a"), make_query("text", "a red dress")


class StatedIndex(ApproximateIndex):
    """One of which nothing is there but what it says of itself."""

    cell_count = 2048

    def __init__(self, **recall: Recall) -> None:
        self.effort = Effort(16, 40)
        self.recall = recall  # type: ignore[assignment]


def test_an_exact_index_has_no_recall_to_show() -> None:
    exact = FlatIndex(faiss.IndexFlatIP(2))
    assert describe_recall(exact, PRODUCT) == ""
    assert describe_search(exact, PRODUCT) == []


def test_a_text_search_shows_its_own_recall() -> None:
    index: VectorIndex = StatedIndex(
        pictures=Recall(0.996, 0.99, 0.999, 500), words=Recall(0.94, 0.9, 0.97, 61)
    )
    assert describe_recall(index, PRODUCT) == "finds 99.6 % of the exact top 10"
    assert describe_recall(index, WORDS) == "finds 94.0 % of the exact top 10"
    (text,) = describe_search(index, WORDS)
    assert "94.0 % [90.0 %, 97.0 %], a 95 % interval over 61 words of products" in text
    assert "16 cells of 2,048" in text


def test_an_unmeasured_text_search_shows_no_other_recall() -> None:
    index = StatedIndex(pictures=Recall(0.996, 0.99, 0.999, 500))
    assert "%" not in describe_recall(index, WORDS)
    assert "was not measured" in describe_search(index, WORDS)[0]


@pytest.mark.parametrize(("of", "text"), [(1, "100 %"), (0.99999, "99.9 %"), (0.5, "50.0 %")])
def test_only_a_complete_share_is_a_hundred_percent(of: float, text: str) -> None:
    assert format_share(np.float64(of)) == text
