"""Figures of retrieval: against examples computed by hand, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, ndcg_score

from similarity.measures.metrics.retrieval import METRICS, figures, text_figures, without


def of(hits: list[int], relevant: int) -> dict[str, float]:
    found = figures(np.array([hits], bool), np.array([relevant]))
    return dict(zip(METRICS, found[0].tolist(), strict=True))


def test_an_example_by_hand() -> None:
    found = of([1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1], relevant=4)
    assert found["P@1"] == 1
    assert found["P@10"] == 0.2
    assert found["recall@10"] == 0.5, "two of four are among the first ten"
    assert found["MAP@R"] == pytest.approx((1 / 1 + 2 / 3) / 4), "no further than rank 4"
    ideal = 1 + 1 / np.log2(3) + 1 / 2 + 1 / np.log2(5)
    assert found["nDCG@10"] == pytest.approx((1 + 1 / 2) / ideal)


def test_all_relevant_first_is_perfect_but_for_precision_that_runs_out_of_them() -> None:
    found = of([1, 1, 1] + [0] * 9, relevant=3)
    assert (found["P@1"], found["recall@10"], found["MAP@R"], found["nDCG@10"]) == (1, 1, 1, 1)
    assert found["P@10"] == 0.3


def test_none_relevant_is_nothing() -> None:
    assert set(of([0] * 12, relevant=3).values()) == {0}


def test_a_ranking_that_is_shorter_than_k_is_taken_as_long_as_it_is() -> None:
    found = of([1, 0, 1], relevant=2)
    assert found["P@10"] == pytest.approx(2 / 3)
    assert found["recall@10"] == 1


def test_where_r_is_beyond_the_depth_map_is_that_of_the_depth() -> None:
    assert of([1] * 12, relevant=500)["MAP@R"] == 1


def test_ndcg_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    hits = rng.random((50, 30)) < 0.2
    relevant = hits.sum(1)
    some = relevant > 0
    mine = figures(hits, np.maximum(relevant, 1))[:, METRICS.index("nDCG@10")]
    scores = np.arange(30, 0, -1)[None]
    for row, found in zip(hits[some], mine[some], strict=True):
        assert found == pytest.approx(ndcg_score(row[None].astype(int), scores, k=10))


def test_map_at_r_is_average_precision_where_all_relevant_are_within_r() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        count = int(rng.integers(1, 12))
        first = rng.permutation(count)  # all of them in the first R, in whatever order
        hits = np.zeros(20, bool)
        hits[first] = True
        found = figures(hits[None], np.array([count]))[0, METRICS.index("MAP@R")]
        assert found == pytest.approx(average_precision_score(hits, np.arange(20, 0, -1)))


def test_words_are_found_at_the_rank_of_the_first_product_that_has_them() -> None:
    hits = np.zeros((4, 20), bool)
    hits[0, [0, 3]] = hits[1, 4] = hits[2, 15] = True
    assert text_figures(hits).tolist() == [[1, 1, 1], [0, 1, 1 / 5], [0, 0, 1 / 16], [0, 0, 0]]


def test_without_some_products_the_others_move_up() -> None:
    hits = np.array([[1, 0, 1, 1], [1, 1, 0, 0]], bool)
    gone = np.array([[1, 1, 0, 0], [0, 0, 1, 0]], bool)
    assert without(hits, gone).tolist() == [[1, 1, 0, 0], [1, 1, 0, 0]]
