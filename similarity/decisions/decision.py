"""The decision: which methods remain, which are best, and which one to take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from similarity.decisions.costs import Costs, compute_costs, select_costs
from similarity.decisions.criteria import Criterion, choose_weights
from similarity.decisions.limits import list_broken_limits
from similarity.decisions.pareto import find_front
from similarity.decisions.quality import Quality, is_fair, weigh_criteria
from similarity.decisions.question import Question
from similarity.decisions.sensitivity import Range, vary_weight
from similarity.measures.metrics.schema import Metrics
from similarity.methods import Method


@dataclass(frozen=True)
class Decision:
    """The answer to a question.

    `broken` are the limits that methods break, with reasons, by the methods that fell out.
    `unfair` are those that remain but can't be compared, with the reason. `leaders` are the best
    one and those not shown to be worse; `choice` is the cheapest of them, or empty if a single
    method can be compared fairly and others can't. `front` are those that
    nothing beats in quality and cost. `ranges` are by criterion, see `vary_weight`. `relaxed` is
    how many methods remain without one limit, by its name, if none remains with all.
    """

    question: Question
    criteria: Sequence[Criterion]
    weights: Mapping[str, int]
    methods: Mapping[str, Method]
    costs: Mapping[str, Costs]
    broken: Mapping[str, Mapping[str, str]]
    unfair: Mapping[str, str]
    quality: Quality
    leaders: Sequence[str]
    choice: str
    front: Sequence[str]
    ranges: Mapping[str, Sequence[Range]]
    relaxed: Mapping[str, int]

    @property
    def remaining(self) -> list[str]:
        """The methods that keep all limits."""
        return [key for key in self.methods if key not in self.broken]


def decide(
    question: Question,
    methods: Mapping[str, Method],
    metrics: Metrics | None,
    criteria: Sequence[Criterion],
    labels: Mapping[str, str],
) -> Decision:
    """Return the decision among methods.

    `labels` name the product labels that methods were trained with, by method.
    """
    costs = {key: compute_costs(question, method, metrics) for key, method in methods.items()}
    broken = _list_broken(question, methods, costs)
    remaining = [key for key in methods if key not in broken]
    weights = choose_weights(criteria, question.weights)
    quality = weigh_criteria(criteria, weights, remaining, labels)
    if not quality.criteria:
        quality = Quality([], [], [])
    unfair = {
        key: _explain_unfair(quality.criteria, key, labels)
        for key in remaining
        if key not in quality.methods
    }
    leaders = quality.list_leaders()
    prices = select_costs(costs, question.cost)
    choice = min(leaders, key=lambda key: prices.get(key, float("inf")), default="")
    if len(quality.methods) == 1 and any(
        quality.has_figures(key) for key in remaining if key != choice
    ):
        choice = ""  # the best of one is none, while others have figures that aren't fair
    return Decision(
        question,
        criteria,
        weights,
        methods,
        costs,
        broken,
        unfair,
        quality,
        leaders,
        choice,
        find_front({key: quality.get_figure(key).mean for key in quality.methods}, prices),
        {
            each.key: vary_weight(each, quality.criteria, weights, quality.methods)
            for each in criteria
            if all(is_fair(each, key, labels) for key in quality.methods)
        },
        {} if remaining else _relax(question, methods, costs),
    )


def _list_broken(
    question: Question, methods: Mapping[str, Method], costs: Mapping[str, Costs]
) -> dict[str, dict[str, str]]:
    reasons = {
        key: list_broken_limits(question, method, costs[key]) for key, method in methods.items()
    }
    return {key: each for key, each in reasons.items() if each}


def _relax(
    question: Question, methods: Mapping[str, Method], costs: Mapping[str, Costs]
) -> dict[str, int]:
    """Return how many methods remain without one of the limits, the most first."""
    counts = {
        name: len(methods) - len(_list_broken(question.relax(name), methods, costs))
        for name in question.list_limits()
    }
    return dict(sorted(((n, c) for n, c in counts.items() if c), key=lambda pair: -pair[1]))


def _explain_unfair(criteria: Sequence[Criterion], method: str, labels: Mapping[str, str]) -> str:
    missing = [each.title.lower() for each in criteria if not each.get_figure(method)]
    if missing or not criteria:
        return f"not measured for {' or '.join(missing)}" if missing else "not measured"
    return f"trained on {labels[method]}, so its figures are too good"
