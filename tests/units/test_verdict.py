"""The figures in words follow the figures."""

import re

import numpy as np
import pytest

from similarity.measures.metrics.retrieval import METRICS
from similarity.measures.metrics.schema import Table
from similarity.measures.metrics.verdict import (
    Verdict,
    describe_best,
    describe_values,
    format_value,
)
from tests.units.planting import planted, table_of

TITLES = {"a": "Alpha", "b": "Beta", "c": "Gamma"}


def describe(table: Table, metric: str = "P@1", **labels: str) -> Verdict:
    return describe_best("category", table, metric, TITLES, labels)


def test_a_planted_difference_is_the_conclusion_with_its_statistics_behind_it() -> None:
    table = planted(0, 0.9, 0.7)
    verdict = describe(table)
    alpha, beta = (100 * table.figures[key]["P@1"].mean for key in "ab")
    assert verdict.sentences == [
        f"Alpha finds the right category most often: {alpha:.0f} %, Beta {beta:.0f} %."
    ]
    (details,) = verdict.details
    less = table.differences[0].estimate
    assert f"difference {less.mean:.2f} [{less.low:.2f}, {less.high:.2f}], p < 0.001" in details
    assert details.startswith("Alpha against Beta: P@1 0.")
    assert details.endswith("n 400.")


def test_the_better_method_is_named_first_in_any_order() -> None:
    assert describe(planted(0, 0.7, 0.9)).sentences[0].startswith("Beta finds the right category")


def test_a_planted_equality_is_too_close_to_call() -> None:
    verdict = describe(planted(1, 0.8, 0.8))
    assert re.fullmatch(r"Too close to call: \w+ and \w+\.", " ".join(verdict.sentences))
    assert len(verdict.details) == 1


def test_two_equal_methods_are_shown_with_those_they_beat() -> None:
    verdict = describe(planted(3, 0.9, 0.9, 0.5))
    level, after = verdict.sentences
    assert re.fullmatch(r"Too close to call: (Alpha and Beta|Beta and Alpha)\.", level)
    assert re.fullmatch(r"(Alpha|Beta) is ahead of Gamma\.", after)
    assert "against Gamma: P@1 " in verdict.details[1]


def test_in_a_chain_only_those_not_shown_to_be_worse_than_the_best_are_too_close_to_call() -> None:
    first, ahead = describe(planted(7, 0.80, 0.745, 0.69)).sentences
    assert first == "Too close to call: Alpha and Beta."
    assert ahead == "Alpha is ahead of Gamma."


def test_three_equal_methods_claim_no_difference() -> None:
    verdict = describe(planted(0, 0.8, 0.8, 0.8))
    assert len(verdict.sentences) == 1
    assert len(verdict.details) == 2, "the best against each other one"


def test_a_winner_that_was_trained_with_labels_is_not_a_fair_comparison() -> None:
    sentences = describe(planted(0, 0.9, 0.8, 0.6), a="captions").sentences
    assert sentences[1] == "Alpha was trained on captions: not a fair comparison."
    assert sentences[2].startswith(
        "Among methods trained without product labels: Beta finds the right category most often"
    )


def test_labels_of_a_method_that_does_not_lead_are_not_mentioned() -> None:
    assert len(describe(planted(0, 0.9, 0.6), b="captions").sentences) == 1


def test_a_single_method_is_described_with_its_interval_behind_it() -> None:
    verdict = describe(planted(0, 0.9))
    assert re.fullmatch(r"Alpha has a P@1 of \d+ %\.", verdict.sentences[0])
    assert verdict.details[0].endswith(", n 400.")


def test_a_small_difference_has_enough_digits_to_be_visible() -> None:
    rng = np.random.default_rng(0)
    base = rng.random((1000, 1))
    less = np.where(rng.random((1000, 1)) < 0.02, 0.05, 0)
    table = table_of(
        {"a": np.repeat(base, len(METRICS), 1), "b": np.repeat(base - less, len(METRICS), 1)}
    )
    verdict = describe(table, "MAP@R")
    alpha, beta = (table.figures[key]["MAP@R"].mean for key in "ab")
    assert f"highest: {alpha:.3f}, Beta {beta:.3f}." in verdict.sentences[0]
    assert f"difference {table.differences[3].estimate.mean:.3f} [" in verdict.details[0]


def test_a_heading_names_who_may_be_best_and_what_the_others_reach() -> None:
    def summarise(table: Table) -> str:
        return describe_values("Colour", table, "P@1", {key: TITLES[key] for key in table.figures})

    clear, tied = planted(0, 0.9, 0.6, 0.5), planted(3, 0.9, 0.9, 0.5)
    shares = [f"{100 * clear.figures[key]['P@1'].mean:.0f} %" for key in "ab"]
    assert summarise(clear) == f"Colour: Alpha {shares[0]}, the others {shares[1]} or less"
    pattern = r"Colour: (Alpha|Beta) \d+ % and (Alpha|Beta) \d+ %, Gamma \d+ %"
    assert re.fullmatch(pattern, summarise(tied))


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "100 %"), (0.9996, "99 %"), (0.994, "99 %"), (0.0, "0 %")]
)
def test_only_a_share_of_one_is_100_percent(value: float, text: str) -> None:
    assert format_value("P@10", value) == text
    assert format_value("MAP@R", value) == f"{value:.2f}"


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_is_explained(metric: str) -> None:
    assert "category" in describe(planted(0, 0.9, 0.6), metric).sentences[0]
