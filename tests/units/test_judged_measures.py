"""Measures by judgments are those of ir_measures, and clicks are corrected for their position."""

from random import Random

import ir_measures
import numpy as np
import pytest

from similarity.judgments.coec import Impression, count_clicks, grade_clicks
from similarity.judgments.comparison import compare_by_judgments
from similarity.judgments.measures import (
    CUTOFF,
    DEPTH,
    MEASURES,
    compute_measures,
    compute_scenario,
    compute_unjudged,
    look_up_grades,
)
from similarity.parts import Term

TEXT = Term("text", "red shirt")


# ---- measures


def make_example(seed: int = 0) -> tuple[list[list[str]], list[dict[str, int]]]:
    """Rankings of 40 queries among 300 products, and grades of some products of each."""
    rng = Random(seed)
    products = [f"p{i}" for i in range(300)]
    grades = [
        {product: rng.randrange(4) for product in rng.sample(products, rng.randrange(1, 60))}
        for _ in range(40)
    ]
    return [rng.sample(products, DEPTH) for _ in range(40)], grades


def compute_reference(
    measure: str, rankings: list[list[str]], grades: list[dict[str, int]]
) -> list[float]:
    """One value for each query by ir_measures."""
    qrels = {str(i): each for i, each in enumerate(grades)}
    run = {str(i): {p: -float(r) for r, p in enumerate(row)} for i, row in enumerate(rankings)}
    values = ir_measures.iter_calc([ir_measures.parse_measure(measure)], qrels, run)
    return [value for _, value in sorted((int(each.query_id), each.value) for each in values)]


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_is_that_of_ir_measures(measure: str) -> None:
    rankings, grades = make_example()
    values = compute_measures(look_up_grades(rankings, grades))[:, MEASURES.index(measure)]
    np.testing.assert_allclose(values, compute_reference(measure, rankings, grades), atol=1e-9)


def test_the_unjudged_share_is_that_of_ir_measures() -> None:
    rankings, grades = make_example()
    reference = compute_reference(f"Judged@{CUTOFF}", rankings, grades)
    shares = compute_unjudged(look_up_grades(rankings, grades))
    np.testing.assert_allclose(1 - shares, reference, atol=1e-9)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_scenario_is_what_judging_the_rest_perfect_gives(measure: str) -> None:
    rankings, grades = make_example()
    depth = CUTOFF if measure.endswith(f"@{CUTOFF}") else DEPTH
    filled = [
        {**dict.fromkeys(row[:depth], 3), **judged}
        for row, judged in zip(rankings, grades, strict=True)
    ]
    values = compute_scenario(look_up_grades(rankings, grades))[:, MEASURES.index(measure)]
    np.testing.assert_allclose(values, compute_reference(measure, rankings, filled), atol=1e-9)


def test_short_rankings_and_queries_without_a_relevant_product_are_measured() -> None:
    graded = look_up_grades([["a", "b"], ["a"]], [{"b": 3, "c": 1}, {"a": 0}])
    values = compute_measures(graded)
    assert values[1].tolist() == [0] * len(MEASURES)
    assert values[0, 1] == 1 / CUTOFF
    assert values[0, 2] == 1 / 2
    assert compute_unjudged(graded).tolist() == [1 / CUTOFF, 0]


def test_a_significant_lead_needs_no_more_judgments_and_a_small_one_needs_many() -> None:
    rng = np.random.default_rng(0)
    grades = {Term("text", f"query {i}"): {f"p{j}": 3 for j in range(20)} for i in range(40)}

    def find(right: float) -> list[list[str]]:
        return [
            [f"p{j}" if rng.random() < right else f"x{j}" for j in range(DEPTH)] for _ in grades
        ]

    rankings = {"good": find(0.9), "close": find(0.895), "bad": find(0.2)}
    comparison = compare_by_judgments(rankings, grades)
    measure = f"P@{CUTOFF}"
    assert comparison.table.list_leaders(measure) == ["good", "close"]
    assert comparison.estimate_needed("good", "bad", measure) == 0
    count = comparison.estimate_needed("good", "close", measure)
    assert count is None or count > 100
    same = compare_by_judgments({"one": rankings["good"], "two": rankings["good"]}, grades)
    assert same.estimate_needed("one", "two", measure) is None


def test_a_lead_that_unjudged_results_may_turn_is_not_robust() -> None:
    grades = {Term("text", f"query {i}"): {"a": 3, "b": 3, "wrong": 0} for i in range(6)}
    rankings = {
        "old": [["a", "b", *["wrong"] * 8]] * 6,
        "new": [["a", *[f"unjudged {i}" for i in range(9)]]] * 6,
    }
    comparison = compare_by_judgments(rankings, grades)
    assert comparison.table.list_leaders(f"P@{CUTOFF}") == ["old"]
    assert not comparison.is_robust("old", "new", f"P@{CUTOFF}")
    assert comparison.unjudged == {"old": 0, "new": pytest.approx(0.9)}


# ---- clicks


def make_impressions(
    counts: dict[tuple[str, int], tuple[int, int]],
) -> list[tuple[Impression, bool]]:
    """Impressions of products at positions, each with how often it was shown and clicked."""
    return [
        (Impression(TEXT, product, position), number < clicks)
        for (product, position), (times, clicks) in counts.items()
        for number in range(times)
    ]


def test_clicks_are_divided_by_those_that_the_position_gets() -> None:
    clicks = {
        each.product: each
        for each in count_clicks(
            make_impressions(
                {("a", 1): (100, 50), ("b", 2): (100, 5), ("c", 1): (100, 10), ("c", 2): (100, 15)}
            )
        )
    }
    # the first position gets 60 clicks of 200 impressions, the second 20 of 200
    assert clicks["a"].expected == pytest.approx(30)
    assert clicks["b"].expected == pytest.approx(10)
    assert clicks["c"].expected == pytest.approx(30 + 10)
    assert (clicks["c"].impressions, clicks["c"].clicks) == (200, 25)
    assert grade_clicks(clicks["a"].clicks, clicks["a"].expected) == 2  # 1.67
    assert grade_clicks(clicks["b"].clicks, clicks["b"].expected) == 1  # 0.5
    assert grade_clicks(clicks["c"].clicks, clicks["c"].expected) == 1  # 0.63
    assert grade_clicks(60, 30.0) == 3
    assert grade_clicks(0, 30.0) == 0
    assert grade_clicks(1, 0.9) is None
