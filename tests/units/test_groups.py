"""Variants and near-duplicates count as one product in the uncertainty of figures."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from benchmarks.simulated_catalogues import draw_variants, measure_catalogue
from similarity.measures.metrics.confusion import compute_confusion
from similarity.measures.metrics.folds import FOLDS, assign_folds, compute_means_without_folds
from similarity.measures.metrics.groups import GROUP, join_near_duplicates, number_groups
from similarity.measures.metrics.retrieval import METRICS
from similarity.measures.neighbours.schema import Neighbours
from similarity.statistics.clusters import clustered_share
from similarity.statistics.intervals import compute_interval, compute_intervals

GROUPS, EACH, REPEAT = 60, 5, 200


def test_products_of_one_item_group_id_are_a_group_and_others_are_alone() -> None:
    products = pd.DataFrame({GROUP: ["shirt", "", "shirt", "mug", ""]})
    numbers = number_groups(products)
    assert numbers[0] == numbers[2]
    assert len(set(numbers.tolist())) == 4
    assert len(set(number_groups(products[[]]).tolist())) == 5


def test_near_duplicates_join_groups_and_a_chain_of_them_does_not() -> None:
    numbers = np.array([0, 1, 2, 0, 4, 5])
    joined = join_near_duplicates(numbers, [0, 1, 2, 4, 5], [{1}, {0, 2}, {1, 4}, {2, 5}, {4}])
    assert joined.tolist() == [0, 0, 2, 0, 2, 5], "each is near the next, and all would be one"
    assert join_near_duplicates(numbers, [1, 4], [set(), set()]).tolist() == numbers.tolist()


def test_intervals_of_variants_cover_the_truth() -> None:
    """Taken alone, five variants of a product that are half alike cover it in 75 % of cases."""
    of = np.repeat(np.arange(GROUPS), EACH)
    rng = np.random.default_rng(0)
    values = draw_variants(GROUPS, EACH, 0.5, REPEAT, rng)
    low, high = compute_intervals(values, of).T
    covered = int(((low <= 0.5) & (high >= 0.5)).sum())
    assert binomtest(covered, REPEAT, 0.95).pvalue > 0.001, f"{covered} of {REPEAT}"
    low, high = compute_intervals(values).T
    covered_alone = ((low <= 0.5) & (high >= 0.5)).mean()
    assert covered_alone < 0.88, "the simulation has no clusters that matter"
    truth = float((draw_variants(1, 1, 0.0, 10**6, rng) > 0.5).mean())
    shares = [clustered_share(column > 0.5, [of]) for column in values.T]
    covered = sum(share.low <= truth <= share.high for share in shares)
    assert covered / REPEAT > 0.9


def test_equal_methods_differ_in_at_most_5_percent_of_catalogues() -> None:
    """Queries that share answers depend on each other: taken alone they claim twice as much."""
    rng = np.random.default_rng(0)
    wrong = np.zeros((2, len(METRICS)))
    repeat = 150
    for _ in range(repeat):
        codes = rng.integers(0, 6, 120)
        signal = np.eye(6)[codes] * 1.2 + rng.normal(0, 0.6, (120, 6))
        vectors = [signal + rng.normal(0, 0.6, signal.shape) for _ in range(2)]
        difference = measure_catalogue(vectors, codes)[2]
        for way, (low, high) in enumerate((difference.independent, difference.folds)):
            wrong[way] += (low > 0) | (high < 0)
    for metric, count in zip(METRICS, wrong[1].astype(int), strict=True):
        assert binomtest(count, repeat, 0.05, "greater").pvalue > 0.001, f"{metric}: {count}"
    p10 = METRICS.index("P@10")
    assert wrong[0][p10] > 0.12 * repeat, "the simulation has no dependence that matters"


def test_a_fold_is_left_out_as_queries_and_as_answers_by_hand() -> None:
    hits = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0]], bool)
    answers = np.array([[0, 1, 1], [0, 1, 0], [1, 0, 0]])
    queries = np.array([1, 1, 0])
    relevant = np.array([[1, 1], [1, 1], [1, 1]])

    def first(remaining: np.ndarray, left: np.ndarray) -> np.ndarray:
        assert (left == 1).all()
        return remaining[:, :1].astype(float)

    means = compute_means_without_folds(hits, answers, queries, relevant, first)
    # without fold 0 the first answers of the first two are at places 1 and 1, without 1 of the
    # last at place 1
    assert means.ravel().tolist() == [0.5, 1.0]


def test_products_of_a_group_are_in_one_fold_and_folds_are_of_a_size() -> None:
    groups = np.repeat(np.arange(200), 3)
    folds = assign_folds(groups)
    assert (folds.reshape(200, 3) == folds[::3, None]).all()
    assert np.bincount(folds).tolist() == [30] * FOLDS
    assert len(set(assign_folds(np.arange(3)).tolist())) == 3


def test_groups_that_are_each_one_query_change_nothing() -> None:
    values = np.random.default_rng(0).random((80, 3))
    unordered = np.random.default_rng(1).permutation(80)
    assert compute_intervals(values, unordered) == pytest.approx(compute_intervals(values))


def test_a_product_repeated_five_times_counts_once() -> None:
    values = np.random.default_rng(0).random(40)
    once, often = (
        compute_interval(values),
        compute_interval(np.repeat(values, 5), np.repeat(np.arange(40), 5)),
    )
    assert often == pytest.approx(once)


def test_variants_make_a_mix_up_no_more_certain() -> None:
    ids = [f"{i}" for i in range(200)]
    categories = pd.Series(["shirt"] * 100 + ["mug"] * 100)
    near = {"a": np.random.default_rng(0).integers(0, 200, (100, 14))}
    near["a"] = np.where(np.arange(100)[:, None] // 5 % 2 == 0, near["a"] % 100, near["a"])
    individual, together = (
        compute_confusion(
            Neighbours(ids, {}, np.arange(100), near, assign_folds(groups)), categories
        )
        for groups in (np.arange(200), np.arange(200) // 5)
    )
    width = [(each["high"] - each["low"]).max() for each in (individual, together)]
    assert width[1] > 1.3 * width[0]
