"""Products that are variants of one, or near-duplicates, count as one where figures say how sure
they are."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from benchmarks.intervals import figures
from precompute.groups import GROUP, group_numbers, join_near_duplicates
from precompute.measures import compared
from similarity.measures.clusters import clustered_share
from similarity.measures.confusion import confusion
from similarity.measures.intervals import intervals, limits
from similarity.measures.neighbours import Neighbours
from similarity.measures.significance import LEVEL, randomization_test

GROUPS, EACH, REPEAT = 60, 5, 200


def test_products_of_one_item_group_id_are_a_group_and_others_are_alone() -> None:
    products = pd.DataFrame({GROUP: ["shirt", "", "shirt", "mug", ""]})
    numbers = group_numbers(products)
    assert numbers[0] == numbers[2]
    assert len(set(numbers.tolist())) == 4
    assert len(set(group_numbers(products[[]]).tolist())) == 5


def test_near_duplicates_join_groups_and_a_chain_of_them_does_not() -> None:
    numbers = np.array([0, 1, 2, 0, 4, 5])
    joined = join_near_duplicates(numbers, [0, 1, 2, 4, 5], [{1}, {0, 2}, {1, 4}, {2, 5}, {4}])
    assert joined.tolist() == [0, 0, 2, 0, 2, 5], "each is near the next, and all would be one"
    assert join_near_duplicates(numbers, [1, 4], [set(), set()]).tolist() == numbers.tolist()


def test_figures_of_variants_cover_the_truth_and_tell_no_equal_methods_apart() -> None:
    """Taken alone, five variants of a product that are half alike claim one in 24 % of cases."""
    of = np.repeat(np.arange(GROUPS), EACH)
    rng = np.random.default_rng(0)
    one, other = (figures(GROUPS, EACH, 0.5, REPEAT, rng) for _ in range(2))
    low, high = intervals(one, of).T
    covered = int(((low <= 0.5) & (high >= 0.5)).sum())
    assert binomtest(covered, REPEAT, 0.95).pvalue > 0.001, f"{covered} of {REPEAT}"
    wrong = int((randomization_test(one - other, of) < LEVEL).sum())
    assert binomtest(wrong, REPEAT, 0.05, "greater").pvalue > 0.001, f"{wrong} of {REPEAT}"
    alone = int((randomization_test(one - other) < LEVEL).sum())
    assert alone > 0.12 * REPEAT, "the simulation has no clusters that matter"
    truth = float((figures(1, 1, 0.0, 10**6, rng) > 0.5).mean())
    shares = [clustered_share(column > 0.5, [of]) for column in one.T]
    covered = sum(share.low <= truth <= share.high for share in shares)
    assert covered / REPEAT > 0.9


def test_groups_that_are_each_one_query_change_nothing() -> None:
    values = np.random.default_rng(0).random((80, 3))
    alone = np.random.default_rng(1).permutation(80)
    assert intervals(values, alone) == pytest.approx(intervals(values))
    assert randomization_test(values - 0.5, alone).tolist() == (
        randomization_test(values - 0.5).tolist()
    )


def test_a_product_shown_five_times_is_no_surer_than_once() -> None:
    values = np.random.default_rng(0).random(40)
    once, often = limits(values), limits(np.repeat(values, 5), np.repeat(np.arange(40), 5))
    assert often == pytest.approx(once)


def test_tables_say_how_many_groups_their_queries_are_of() -> None:
    values = {key: np.random.default_rng(i).random((10, 1)) for i, key in enumerate("ab")}
    assert compared(values, ["P@1"]).groups == 10
    found = compared(values, ["P@1"], np.repeat(np.arange(2), 5))
    assert (found.n, found.groups) == (10, 2)
    alone = compared(values, ["P@1"])
    assert found.differences[0].p > alone.differences[0].p or found.differences[0].p == 1


def test_mix_ups_of_variants_are_no_surer_than_of_one() -> None:
    ids = [f"{i}" for i in range(40)]
    categories = pd.Series(["shirt"] * 20 + ["mug"] * 20)
    near = {"a": np.random.default_rng(0).integers(0, 40, (20, 12))}
    near["a"][:, :10] = np.repeat(near["a"][::5, :10], 5, axis=0)  # five variants are one
    groups = np.repeat(np.arange(4), 5)
    alone, together = (
        confusion(Neighbours(ids, {}, np.arange(20), near, each), categories)
        for each in (None, groups)
    )
    width = [(each["high"] - each["low"]).max() for each in (alone, together)]
    assert width[1] > 1.5 * width[0]
