"""The figures in words follow the figures."""

import numpy as np
import pytest

from similarity.measures.metrics.retrieval import METRICS
from similarity.measures.metrics.schema import Table
from similarity.measures.metrics.verdict import headline
from tests.units.planting import planted, table_of

TITLES = {"a": "Alpha", "b": "Beta", "c": "Gamma"}


def said(table: Table, metric: str = "P@1", **labels: str) -> list[str]:
    return headline("category", table, metric, TITLES, labels)


def test_a_planted_difference_is_told_with_all_its_figures() -> None:
    table = planted(0, 0.9, 0.7)
    (told,) = said(table)
    assert told.startswith("Alpha finds the right category first more often than Beta: P@1 0.")
    less = table.differences[0].less
    assert f"difference {less.mean:.2f} [{less.low:.2f}, {less.high:.2f}], p < 0.001" in told
    assert told.endswith("n 400.")


def test_the_better_one_is_named_first_whatever_their_order() -> None:
    assert said(planted(0, 0.7, 0.9))[0].startswith("Beta finds the right category first more")


def test_a_planted_equality_is_not_called_a_difference() -> None:
    (told,) = said(planted(1, 0.8, 0.8))
    assert told.startswith("No difference can be shown between ")
    assert "more often" not in told


def test_two_that_are_level_are_told_with_what_they_are_better_than() -> None:
    level, after = said(planted(3, 0.9, 0.9, 0.5))
    assert level.startswith("No difference can be shown between ")
    assert after.startswith("Both are shown to be better than Gamma, the next: for ")


def test_a_chain_has_no_order_and_says_which_difference_can_be_shown() -> None:
    first, but = said(planted(7, 0.80, 0.745, 0.69))
    assert first == "No order can be shown among Alpha, Beta and Gamma."
    assert but.startswith("But Alpha finds the right category first more often than Gamma: ")


def test_three_that_are_level_are_said_to_be_so_and_no_more() -> None:
    (told,) = said(planted(0, 0.8, 0.8, 0.8))
    assert told.startswith("No order can be shown among ")


def test_who_was_trained_with_labels_wins_nothing_without_that_being_said() -> None:
    told = said(planted(0, 0.9, 0.8, 0.6), a="captions")
    assert told[1] == "Alpha was trained with captions."
    assert told[2].startswith(
        "Of the methods that saw no labels of products: Beta finds the right category first more"
    )


def test_labels_of_one_that_does_not_lead_need_no_word_in_the_headline() -> None:
    assert len(said(planted(0, 0.9, 0.6), b="captions")) == 1


def test_one_method_alone_is_told_with_its_interval() -> None:
    (told,) = said(planted(0, 0.9))
    assert told.startswith("Alpha: P@1 0.")
    assert told.endswith(", n 400.")


def test_a_difference_that_rounds_to_nothing_has_more_digits() -> None:
    rng = np.random.default_rng(0)
    base = rng.random((1000, 1))
    less = np.where(rng.random((1000, 1)) < 0.02, 0.2, 0)
    table = table_of(
        {"a": np.repeat(base, len(METRICS), 1), "b": np.repeat(base - less, len(METRICS), 1)}
    )
    (told,) = said(table, "MAP@R")
    assert "Alpha ranks the right category higher than Beta" in told
    assert f"difference {table.differences[3].less.mean:.3f} [" in told


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_its_words(metric: str) -> None:
    assert "category" in said(planted(0, 0.9, 0.6), metric)[0]
