"""Deciding: limits, dominance, weights and words, against brute force and simulated truth."""

from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.voting import make_setup
from similarity import METHODS
from similarity.decisions.criteria import Criterion, choose_weights, list_criteria
from similarity.decisions.decision import Decision, decide
from similarity.decisions.pareto import find_front
from similarity.decisions.quality import weigh_criteria
from similarity.decisions.question import (
    NUMBERS,
    Question,
    list_parameters,
    read_question,
)
from similarity.decisions.sensitivity import find_winners
from similarity.decisions.words import describe_ranges, list_missing, recommend
from similarity.display.decision import tabulate_decision
from similarity.judgments.comparison import compute_means_without_one
from similarity.measures.metrics.schema import Cost, Figure, Metrics
from similarity.measures.metrics.tables import compare_methods
from similarity.measures.scorecard import Aspect
from similarity.votes.results import compute_results
from similarity.votes.vote import CastVote
from tests.units import test_scorecard

TITLES = {key: method.title for key, method in METHODS.items()}
NUMBER = st.integers(0, 4).map(lambda number: number / 4)  # so that ties occur


def make_criterion(
    key: str, values: dict[str, np.ndarray], *, uses_labels: bool = False
) -> Criterion:
    """A criterion with one value per query and method, tested as the product tests them."""
    columns = {method: each[:, None] for method, each in values.items()}
    without_one = {method: compute_means_without_one(each) for method, each in columns.items()}
    table = compare_methods(columns, without_one, ["P@10"])
    return Criterion(key, Aspect(key.capitalize(), key, "", "", table, "P@10", uses_labels))


def draw(mean: float, queries: int = 200, seed: int = 0) -> np.ndarray:
    """Values of queries that are right with a probability."""
    return (np.random.default_rng(seed).random(queries) < mean).astype(np.float64)


def make_metrics(**costs: Cost) -> Metrics:
    """Metrics of a thousand products, with costs and without attributes."""
    return replace(
        test_scorecard.make_metrics(),
        methods=dict.fromkeys(costs, ""),
        products=1000,
        costs=costs,
    )


def make_cost(size: float | None, rate: float | None = 20.0, median: float = 1.0) -> Cost:
    return Cost("flat", rate, 100, median, median, size, None)


COSTS = {
    "pixels": make_cost(150_000, 500),
    "efficientnet": make_cost(5_000, 30),
    "lit": make_cost(1_000, 25),
    "conse": make_cost(1_500, None),
}


def decide_among(question: Question, *criteria: Criterion, **costs: Cost) -> Decision:
    methods = {key: METHODS[key] for key in costs}
    labels = {key: METHODS[key].training_labels for key in costs if METHODS[key].training_labels}
    return decide(question, methods, make_metrics(**costs), criteria, labels)


@given(st.lists(st.tuples(NUMBER, NUMBER), max_size=8))
def test_the_front_has_exactly_the_methods_that_no_other_dominates(
    points: list[tuple[float, float]],
) -> None:
    quality = {str(i): point[0] for i, point in enumerate(points)}
    costs = {str(i): point[1] for i, point in enumerate(points)}

    def dominates(one: str, other: str) -> bool:
        gains = (quality[one] - quality[other], costs[other] - costs[one])
        return min(gains) >= 0 and max(gains) > 0

    expected = {key for key in quality if not any(dominates(other, key) for other in quality)}
    assert set(find_front(quality, costs)) == expected


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6))
def test_the_ranges_of_weights_name_the_method_that_is_first_there(
    points: list[tuple[float, float]],
) -> None:
    criterion = {str(i): point[0] for i, point in enumerate(points)}
    others = {str(i): point[1] for i, point in enumerate(points)}
    ranges = find_winners(criterion, others)
    assert (ranges[0].low, ranges[-1].high) == (0, 1)
    assert all(one.high == other.low for one, other in pairwise(ranges))
    assert all(one.method != other.method for one, other in pairwise(ranges))
    for share in np.linspace(0, 1, 101):
        totals = {key: share * criterion[key] + (1 - share) * others[key] for key in criterion}
        winners = [each.method for each in ranges if each.low <= share <= each.high]
        assert any(totals[key] >= max(totals.values()) - 1e-9 for key in winners)


def test_the_interval_of_a_weighted_mean_covers_the_truth() -> None:
    rng = np.random.default_rng(1)
    covered = wrong = 0
    for _ in range(200):
        easy = rng.random(60)
        # the same queries for both criteria, so that their errors go together
        values = {
            key: [(easy < 0.6).astype(float), (easy + 0.3 * rng.random(60) < 0.8).astype(float)]
            for key in ("pixels", "efficientnet")
        }
        criteria = [
            make_criterion(name, {key: each[i] for key, each in values.items()})
            for i, name in enumerate(("category", "colour"))
        ]
        quality = weigh_criteria(criteria, {"category": 3, "colour": 1}, list(values), {})
        figure = quality.get_figure("pixels")
        # P(e + 0.3 u < 0.8) for two uniform numbers is 0.65
        covered += figure.low <= 0.75 * 0.6 + 0.25 * 0.65 <= figure.high
        wrong += quality.is_better("pixels", "efficientnet")
    assert covered >= 0.93 * 200
    assert wrong <= 0.05 * 200


def test_one_criterion_has_the_leaders_of_its_own_test() -> None:
    means = {"pixels": 0.3, "efficientnet": 0.8, "conse": 0.78}
    values = {key: draw(mean, seed=i) for i, (key, mean) in enumerate(means.items())}
    criterion = make_criterion("category", values)
    quality = weigh_criteria([criterion], {"category": 2}, list(means), {})
    assert quality.list_leaders() == criterion.aspect.table.list_leaders("P@10")
    figure = criterion.aspect.table.figures["pixels"]["P@10"]
    assert quality.get_figure("pixels") == Figure(figure.mean, figure.low, figure.high)


def test_the_recommendation_names_the_cheapest_of_those_that_no_test_tells_apart() -> None:
    same = draw(0.9)
    criterion = make_criterion(
        "category", {"pixels": draw(0.2, seed=2), "efficientnet": same, "lit": same}
    )
    costs = {key: COSTS[key] for key in ("pixels", "efficientnet", "lit")}
    decision = decide_among(Question(), criterion, **costs)
    assert decision.choice == "lit"
    first, second = recommend(decision, TITLES)
    assert first == (
        "LiT or EfficientNet-Lite0: no difference can be shown for category; LiT takes a fifth of "
        "the memory."
    )
    assert second == "LiT takes 1 MB of memory and 41 ms for a search by a new picture."


def test_a_method_that_saw_the_labels_is_named_but_not_recommended() -> None:
    values = {"efficientnet": draw(0.7), "conse": draw(0.3, seed=1), "lit": draw(1.0)}
    criterion = make_criterion("category", values, uses_labels=True)
    decision = decide_among(Question(), criterion, **{key: COSTS[key] for key in values})
    assert decision.choice == "efficientnet"
    assert "trained on" in decision.unfair["lit"]
    assert recommend(decision, TITLES)[-1].startswith("LiT reaches 100 %, but was trained on")
    assert any("LiT was trained on" in each for each in list_missing(decision, TITLES))


def test_the_only_fair_figure_recommends_nothing_while_others_are_too_good() -> None:
    values = {"conse": draw(0.2), "lit": draw(1.0)}
    criterion = make_criterion("text search", values, uses_labels=True)
    decision = decide_among(Question(), criterion, **{key: COSTS[key] for key in values})
    assert decision.choice == ""
    first, second, third = recommend(decision, TITLES)
    assert first == "ConSE and LiT can't be compared fairly for text search."
    assert second.startswith("ConSE has ")
    assert third.startswith("LiT reaches 100 %")
    rows = {row[0]: row[1] for row in tabulate_decision(decision, TITLES)}
    assert rows["ConSE"] == "The only one with a fair figure"


def test_a_method_without_a_rival_is_the_only_one_that_was_measured() -> None:
    criterion = make_criterion("text search", {"conse": draw(0.2)})
    costs = {key: COSTS[key] for key in ("conse", "efficientnet")}
    decision = decide_among(Question(), criterion, **costs)
    assert decision.choice == "conse"
    assert recommend(decision, TITLES)[0].startswith(
        "ConSE is the only method measured for text search: "
    )


def test_each_limit_excludes_the_methods_that_break_it_and_says_how() -> None:
    criterion = make_criterion("category", {key: draw(0.5, seed=3) for key in COSTS})
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({"languages": "english"}, {"lit", "conse"}),
        ({"languages": "several"}, set()),
        ({"licence": "permissive"}, set(COSTS)),
        ({"megabytes": 2.0}, {"lit", "conse"}),
        ({"megabytes": 2.0, "products": 100_000.0}, set()),
        ({"milliseconds": 40.0}, {"pixels", "efficientnet"}),  # LiT takes 41 ms
        ({"rate": 28.0}, {"pixels", "efficientnet"}),  # the speed of ConSE is not known
        ({"rate": 50.0, "machines": 2.0}, {"pixels", "efficientnet", "lit"}),
        ({"euros": 10.0, "memory_price": 1000.0}, {"efficientnet", "lit", "conse"}),
        ({"euros": 10.0, "machine_price": 9.0}, {"pixels", "efficientnet", "lit"}),
        ({"euros": 10.0}, set(COSTS)),  # nothing costs anything before prices are entered
    ]
    for fields, expected in cases:
        decision = decide_among(Question(**fields), criterion, **COSTS)
        assert set(decision.remaining) == expected, fields
        assert all(all(reasons.values()) for reasons in decision.broken.values())
        assert recommend(decision, TITLES)


def test_a_limit_on_euros_without_prices_asks_for_them() -> None:
    criterion = make_criterion("category", {key: draw(0.5, seed=3) for key in COSTS})
    sentence = "The limit on euros needs a price of a machine or of memory."
    decision = decide_among(Question(euros=10), criterion, **COSTS)
    assert sentence in list_missing(decision, TITLES)
    decision = decide_among(Question(euros=10, memory_price=0), criterion, **COSTS)
    assert sentence not in list_missing(decision, TITLES)


def test_limits_that_leave_nothing_name_the_one_to_relax() -> None:
    criterion = make_criterion("category", {key: draw(0.5, seed=3) for key in COSTS})
    question = Question(languages="english", megabytes=0.5)
    decision = decide_among(question, criterion, **COSTS)
    assert decision.relaxed == {"megabytes": 2}
    first, second = recommend(decision, TITLES)
    assert first == "No method keeps all of these limits."
    assert second == "Without the limit on memory, 2 of 4 methods remain."
    question = Question(languages="several", megabytes=0.5)
    words = recommend(decide_among(question, criterion, **COSTS), TITLES)
    assert "several have to be given up" in words[1]


def test_without_figures_it_says_that_nothing_was_measured() -> None:
    methods = {"pixels": METHODS["pixels"]}
    decision = decide(Question(), methods, None, [], {})
    assert recommend(decision, TITLES) == [
        "Pixels keeps these limits, but nothing that counts as good was measured."
    ]
    assert list_missing(decision, TITLES)


def test_a_single_method_is_the_only_one() -> None:
    criterion = make_criterion("category", {"pixels": draw(0.5)})
    sentence, _ = recommend(decide_among(Question(), criterion, pixels=COSTS["pixels"]), TITLES)
    assert sentence.startswith("Pixels is the only method that keeps these limits")


def test_the_weights_at_which_another_method_wins_are_those_where_the_means_cross() -> None:
    category = make_criterion("category", {"pixels": draw(0.3), "efficientnet": draw(0.8)})
    colour = make_criterion("colour", {"pixels": draw(0.9), "efficientnet": draw(0.6)})
    question = Question(weights={"category": 1})
    costs = {key: COSTS[key] for key in ("pixels", "efficientnet")}
    decision = decide_among(question, category, colour, **costs)
    (first, second) = decision.ranges["colour"]
    means = [
        [each.aspect.table.figures[key]["P@10"].mean for key in costs]
        for each in (category, colour)
    ]
    crossing = (means[0][1] - means[0][0]) / (means[0][1] - means[0][0] + means[1][0] - means[1][1])
    assert first.high == second.low == pytest.approx(crossing)
    assert describe_ranges(decision, colour, TITLES) == (
        f"Pixels would come first if colour counted {100 * crossing:.0f} % or more (now 0 %)."
    )
    assert describe_ranges(decision, category, TITLES) == ""


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["-1", "nan", "inf", "1e5", "1,5", "free", "9" * 12, "½", "0x1"])
def test_numbers_of_every_wrong_kind_are_left_out_with_a_message(name: str, text: str) -> None:
    question, remarks = read_question({name: [text]})
    assert question == Question()
    assert len(remarks) == 1
    assert text[:40] in remarks[0]


def test_a_price_may_be_zero_and_a_limit_may_not() -> None:
    assert read_question({"memory_price": ["0"]})[0].memory_price == 0
    assert read_question({"megabytes": ["0"]})[1]


@pytest.mark.parametrize("text", ["", "category", "category:9", "category:-1", "category:x", ":3"])
def test_weights_of_every_wrong_kind_are_left_out(text: str) -> None:
    question, remarks = read_question({"good": [text]})
    assert not question.weights
    assert remarks


@given(
    st.builds(
        Question,
        licence=st.sampled_from(["any", "commercial", "permissive"]),
        languages=st.sampled_from(["none", "english", "several"]),
        milliseconds=st.none() | st.integers(1, 1000).map(float),
        products=st.none() | st.integers(1, 10**9).map(float),
        machine_price=st.none() | st.integers(0, 10**6).map(lambda cents: cents / 100),
        weights=st.dictionaries(st.sampled_from(["text", "attribute-a:b", "x"]), st.integers(0, 5)),
        cost=st.sampled_from(["megabytes", "milliseconds", "euros"]),
    )
)
def test_a_link_holds_the_whole_question(question: Question) -> None:
    assert read_question(list_parameters(question)) == (question, [])


def test_weights_of_evidence_that_does_not_exist_give_way_to_the_best_there_is() -> None:
    criteria = [make_criterion(name, {"pixels": draw(0.5)}) for name in ("judgments", "category")]
    assert choose_weights(criteria, {"gone": 3}) == {"judgments": 1}
    assert choose_weights(criteria, {"category": 3}) == {"category": 3}
    assert choose_weights(criteria, {"category": 0}) == {}
    assert choose_weights([], {}) == {}


def test_several_criteria_show_a_difference_only_beyond_chance() -> None:
    rng = np.random.default_rng(4)
    keys = ["pixels", "efficientnet", "conse", "lit"]
    wrong = 0
    for _ in range(150):
        criteria = [
            make_criterion(name, {key: rng.random(50) for key in keys}) for name in ("a", "b")
        ]
        quality = weigh_criteria(criteria, {"a": 1, "b": 1}, keys, {})
        wrong += any(
            quality.is_better(one, other) or quality.is_better(other, one)
            for one, other in combinations(keys, 2)
        )
    assert wrong <= 0.05 * 150


def test_a_vote_decides_only_where_people_significantly_prefer_one() -> None:
    setup = make_setup("abc", 8)
    votes = [
        CastVote(f"{who:032x}", number, number, "a", other, "", "left", 0.0, 0.0)
        for who in range(12)
        for number, other in enumerate("bbbb")
    ]
    results = compute_results(setup, votes)
    assert results is not None
    (criterion,) = list_criteria(None, None, None, results)
    assert criterion.key == "votes"
    table = criterion.aspect.table
    difference = table.get_difference("a", "b", "votes")
    assert difference is not None
    assert difference.is_significant
    assert difference.estimate.low <= difference.estimate.mean <= difference.estimate.high
    assert table.list_leaders("votes") == ["a", "c"], "nobody was asked about c"
    few = compute_results(setup, votes[:12])  # of three people
    assert list_criteria(None, None, None, few) == []
