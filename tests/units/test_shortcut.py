"""What a column says of an approximate index."""

import faiss
import numpy as np
import pytest

from similarity.filters import Selection
from similarity.indexes import Effort, Recall, VectorIndex
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.effort import FilterRecall
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
        self.filter_recalls = None

    def compares_all(self, among: Selection | None) -> bool:
        return among is not None and len(among.positions) <= 10


def select(left: int, count: int = 1000) -> Selection:
    mask = np.arange(count) < left
    return Selection((), np.flatnonzero(mask), mask)


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


def test_within_a_filter_the_lower_recall_of_the_most_similar_filters_is_stated() -> None:
    index = StatedIndex(pictures=Recall(0.996, 0.99, 0.999, 500))
    assert "%" not in describe_recall(index, PRODUCT, select(100))
    assert "was not measured" in describe_search(index, PRODUCT, select(100))[0]
    index.filter_recalls = [
        FilterRecall("random", 0.5, Recall(1, 1, 1, 192)),
        FilterRecall("cluster", 0.5, Recall(0.9, 0.8, 0.95, 192)),
        FilterRecall("random", 0.1, Recall(0.999, 0.99, 1, 192)),
        FilterRecall("cluster", 0.1, Recall(0.975, 0.96, 0.99, 192)),
    ]
    for left in (50, 100, 200):
        expected = "finds 97.5 % of the exact top 10 with such filters"
        assert describe_recall(index, PRODUCT, select(left)) == expected
    assert describe_recall(index, PRODUCT, select(900)).startswith("finds 90.0 %")
    (text,) = describe_search(index, PRODUCT, select(100))
    assert "that leave similar products, 10 % of all, it finds 97.5 % [96.0" in text
    assert "over 192 of these products" in text
    assert "was not measured" in describe_search(index, WORDS, select(100))[0]
    assert describe_recall(index, PRODUCT, select(10)) == ""
    assert (
        "All products that the filter leaves are compared."
        in describe_search(index, PRODUCT, select(10))[0]
    )


@pytest.mark.parametrize(("of", "text"), [(1, "100 %"), (0.99999, "99.9 %"), (0.5, "50.0 %")])
def test_only_a_complete_share_is_a_hundred_percent(of: float, text: str) -> None:
    assert format_share(np.float64(of)) == text
