"""Figures of retrieval: against examples computed by hand, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, ndcg_score

from similarity.measures.metrics.retrieval import (
    METRICS,
    compute_figures,
    compute_text_figures,
    remove_results,
)


def of(hits: list[int], relevant: int) -> dict[str, float]:
    figures = compute_figures(np.array([hits], bool), np.array([relevant]))
    return dict(zip(METRICS, figures[0].tolist(), strict=True))


def test_an_example_by_hand() -> None:
    figures = of([1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1], relevant=4)
    assert figures["P@1"] == 1
    assert figures["P@10"] == 0.2
    assert figures["recall@10"] == 0.5, "two of four are among the first ten"
    assert figures["MAP@R"] == pytest.approx((1 / 1 + 2 / 3) / 4), "no further than rank 4"
    ideal = 1 + 1 / np.log2(3) + 1 / 2 + 1 / np.log2(5)
    assert figures["nDCG@10"] == pytest.approx((1 + 1 / 2) / ideal)


def test_all_relevant_first_is_perfect_except_for_precision_beyond_their_number() -> None:
    figures = of([1, 1, 1] + [0] * 9, relevant=3)
    assert (figures["P@1"], figures["recall@10"], figures["MAP@R"], figures["nDCG@10"]) == (
        1,
        1,
        1,
        1,
    )
    assert figures["P@10"] == 0.3


def test_no_relevant_products_give_zero() -> None:
    assert set(of([0] * 12, relevant=3).values()) == {0}


def test_a_ranking_shorter_than_k_is_used_in_full() -> None:
    figures = of([1, 0, 1], relevant=2)
    assert figures["P@10"] == pytest.approx(2 / 3)
    assert figures["recall@10"] == 1


def test_where_r_is_beyond_the_depth_map_is_that_of_the_depth() -> None:
    assert of([1] * 12, relevant=500)["MAP@R"] == 1


def test_ndcg_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    hits = rng.random((50, 30)) < 0.2
    relevant = hits.sum(1)
    have_relevant = relevant > 0
    mine = compute_figures(hits, np.maximum(relevant, 1))[:, METRICS.index("nDCG@10")]
    scores = np.arange(30, 0, -1)[None]
    for row, figures in zip(hits[have_relevant], mine[have_relevant], strict=True):
        assert figures == pytest.approx(ndcg_score(row[None].astype(int), scores, k=10))


def test_map_at_r_is_average_precision_where_all_relevant_are_within_r() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        count = int(rng.integers(1, 12))
        first = rng.permutation(count)  # all of them in the first R, in whatever order
        hits = np.zeros(20, bool)
        hits[first] = True
        figures = compute_figures(hits[None], np.array([count]))[0, METRICS.index("MAP@R")]
        assert figures == pytest.approx(average_precision_score(hits, np.arange(20, 0, -1)))


def test_words_are_found_at_the_rank_of_the_first_product_that_has_them() -> None:
    hits = np.zeros((4, 20), bool)
    hits[0, [0, 3]] = hits[1, 4] = hits[2, 15] = True
    assert compute_text_figures(hits).tolist() == [
        [1, 1, 1],
        [0, 1, 1 / 5],
        [0, 0, 1 / 16],
        [0, 0, 0],
    ]


def test_without_some_products_the_others_move_up() -> None:
    hits = np.array([[1, 0, 1, 1], [1, 1, 0, 0]], bool)
    left_out = np.array([[1, 1, 0, 0], [0, 0, 1, 0]], bool)
    assert remove_results(hits, left_out).tolist() == [[1, 1, 0, 0], [1, 1, 0, 0]]
