"""Overlap and rank-biased overlap: worked by hand, and at their limits."""

from itertools import pairwise

import numpy as np
import pytest

from similarity.measures.neighbours.agreement import count_common, rank_biased_overlap

LEVELS = np.linspace(0.05, 0.99, 20)


def ranked(products: str) -> dict[str, int]:
    return {product: rank for rank, product in enumerate(products, 1)}


def test_overlap_counts_what_is_in_both() -> None:
    assert count_common(ranked("abcd"), ranked("dexa")) == 2
    assert count_common(ranked("abcd"), ranked("efgh")) == 0
    assert count_common(ranked("abcd"), ranked("dcba")) == 4


def test_rank_biased_overlap_by_hand() -> None:
    # agreements 0, 1 and 2/3: 2/3 * 0.729 + 1/9 * (0 + 0.81 + 2/3 * 0.729)
    assert rank_biased_overlap(ranked("abc"), ranked("bad"), 0.9) == pytest.approx(0.63)
    # agreements 1, 1/2: 1/2 * 0.25 + 1 * (0.5 + 1/2 * 0.25)
    assert rank_biased_overlap(ranked("ab"), ranked("ac"), 0.5) == pytest.approx(0.75)
    assert rank_biased_overlap(ranked("ab"), ranked("ca"), 0.5) == pytest.approx(0.25)


def test_products_of_one_shared_rank_come_in_together() -> None:
    tied, plain = {"a": 1, "b": 1, "c": 3}, ranked("abc")
    # agreements 2 * 1 / (2 + 1), 1 and 1: 1 less a third of the weight 0.1 of the first depth
    assert rank_biased_overlap(tied, plain, 0.9) == pytest.approx(1 - 0.1 / 3)
    assert rank_biased_overlap(tied, {"b": 1, "a": 1, "c": 3}, 0.9) == pytest.approx(1)
    all_alike = dict.fromkeys("abc", 1)
    assert rank_biased_overlap(all_alike, dict.fromkeys("cab", 1)) == pytest.approx(1)


@pytest.mark.parametrize("p", LEVELS)
def test_identical_results_agree_fully_and_disjoint_ones_not_at_all(p: float) -> None:
    for k in (1, 2, 12, 48):
        names = [str(i) for i in range(2 * k)]
        one = {name: rank for rank, name in enumerate(names[:k], 1)}
        other = {name: rank for rank, name in enumerate(names[k:], 1)}
        assert rank_biased_overlap(one, one, p) == pytest.approx(1)
        assert rank_biased_overlap(one, other, p) == 0


def test_it_falls_with_p_where_the_first_agree_and_rises_where_the_last_do() -> None:
    first = [rank_biased_overlap(ranked("abcdef"), ranked("abcxyz"), p) for p in LEVELS]
    last = [rank_biased_overlap(ranked("abcdef"), ranked("xyfdec"), p) for p in LEVELS]
    assert all(a > b for a, b in pairwise(first))
    assert all(a < b for a, b in pairwise(last))


def test_rbo_limits_are_the_first_agreement_and_the_last() -> None:
    one, other = ranked("abcdef"), ranked("abzcyx")
    assert rank_biased_overlap(one, other, 1e-6) == pytest.approx(1, abs=1e-5)
    assert rank_biased_overlap(one, other, 1 - 1e-9) == pytest.approx(3 / 6)


def test_it_does_not_matter_which_answer_is_named_first_and_higher_ranks_count_more() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        one, other = (ranked("".join(rng.choice(list("abcdefghij"), 6, False))) for _ in "12")
        value = rank_biased_overlap(one, other)
        assert value == rank_biased_overlap(other, one)
        assert 0 <= value <= 1
    high = rank_biased_overlap(ranked("abcdef"), ranked("auvwxy"))
    low = rank_biased_overlap(ranked("abcdef"), ranked("uvwxya"))
    assert high > low > 0


@pytest.mark.parametrize(
    ("one", "other", "p"), [("", "", 0.9), ("a", "ab", 0.9), ("a", "a", 0), ("a", "a", 1)]
)
def test_invalid_rankings_have_no_rank_biased_overlap(one: str, other: str, p: float) -> None:
    with pytest.raises(ValueError, match="one length"):
        rank_biased_overlap(ranked(one), ranked(other), p)
