"""The decision in sentences that need no statistics, and are never stronger than the figures."""

from collections.abc import Mapping
from math import log10

from similarity.decisions.costs import select_costs
from similarity.decisions.criteria import JUDGED, VOTED, Criterion
from similarity.decisions.decision import Decision
from similarity.decisions.limits import LIMIT_TITLES, format_cost
from similarity.decisions.question import Cost
from similarity.measures.metrics.verdict import format_value, join_names

SAVINGS: dict[Cost, str] = {  # how much less a method costs than another
    "megabytes": "takes {} of the memory",
    "milliseconds": "takes {} of the time",
    "euros": "costs {} as much",
}
FRACTIONS = (
    (0.55, 0.45, "half"),
    (0.36, 0.3, "a third"),
    (0.27, 0.23, "a quarter"),
    (0.215, 0.185, "a fifth"),
    (0.105, 0.095, "a tenth"),
)


def recommend(decision: Decision, titles: Mapping[str, str]) -> list[str]:
    """Return the recommendation and its reasons; the first sentence stands alone.

    `titles` are by method.
    """
    if not decision.remaining:
        return ["No method keeps all of these limits.", *_describe_relaxed(decision)]
    if not decision.quality.criteria and decision.criteria:
        return [f"{_name_remaining(decision, titles)}. Give something that counts a weight."]
    if not decision.quality.criteria:
        return [
            f"{_name_remaining(decision, titles)}, but nothing that counts as good was measured."
        ]
    subject = describe_criteria(decision)
    if not decision.choice:
        measured = [key for key in decision.remaining if decision.quality.has_figures(key)]
        first = f"{_name_remaining(decision, titles)}, but {subject} was not measured for them."
        if measured:
            names = join_names([titles[key] for key in measured])
            first = f"{names} can't be compared fairly for {subject}."
        fair = [f"{titles[key]} has {_format(decision, key)}." for key in decision.leaders]
        return [first, *fair, *_describe_unfair(decision, titles)]
    sentences = [_conclude(decision, titles, subject)]
    if price := _describe_price(decision):
        sentences.append(f"{titles[decision.choice]} takes {price}.")
    return [*sentences, *_describe_unfair(decision, titles)]


def _conclude(decision: Decision, titles: Mapping[str, str], subject: str) -> str:
    if len(decision.quality.methods) == 1:
        value = _format(decision, decision.choice)
        rest = f"measured for {subject}: {value}"
        if not decision.unfair:
            rest = f"that keeps these limits: {value} for {subject}"
        return f"{titles[decision.choice]} is the only method {rest}."
    if len(decision.leaders) == 1:
        return _describe_lead(decision, titles, subject)
    names = [titles[key] for key in _order(decision)]
    sentence = f"{join_names(names, 'or')}: no difference can be shown for {subject}"
    return f"{sentence}{_describe_saving(decision, titles)}."


def _describe_price(decision: Decision) -> str:
    """Return what the choice costs, as far as it was measured."""
    costs = decision.costs[decision.choice]
    parts = []
    if costs.megabytes is not None:
        parts.append(f"{format_cost(costs.megabytes)} MB of memory")
    if costs.milliseconds is not None:
        parts.append(f"{format_cost(costs.milliseconds)} ms for a search by a new picture")
    if costs.euros is not None:
        parts.append(f"{format_cost(costs.euros)} euros a month")
    return join_names(parts) if parts else ""


def _describe_unfair(decision: Decision, titles: Mapping[str, str]) -> list[str]:
    """Return the figures of methods that have an unfair advantage, and why they don't count."""
    return [
        f"{titles[key]} reaches {_format(decision, key)}, but was {reason}. Judgments or a blind "
        "vote compare it fairly."
        for key, reason in decision.unfair.items()
        if decision.quality.criteria and decision.quality.has_figures(key)
    ]


def describe_criteria(decision: Decision) -> str:
    """Return what counts as good, in a sentence: "category and colour"."""
    criteria = sorted(decision.quality.criteria, key=lambda each: -decision.weights[each.key])
    return join_names([each.aspect.label for each in criteria])


def _order(decision: Decision) -> list[str]:
    """Return the leaders, the choice first."""
    return [decision.choice, *(key for key in decision.leaders if key != decision.choice)]


def _name_remaining(decision: Decision, titles: Mapping[str, str]) -> str:
    names = join_names([titles[key] for key in decision.remaining])
    return f"{names} {'keeps' if len(decision.remaining) == 1 else 'keep'} these limits"


def _describe_lead(decision: Decision, titles: Mapping[str, str], subject: str) -> str:
    others = sorted(
        (key for key in decision.quality.methods if key != decision.choice),
        key=lambda key: -decision.quality.get_figure(key).mean,
    )
    return (
        f"{titles[decision.choice]} is best for {subject}: "
        f"{_format(decision, decision.choice)}, {titles[others[0]]} "
        f"{_format(decision, others[0])}."
    )


def _format(decision: Decision, key: str) -> str:
    criteria = decision.quality.criteria
    mean = decision.quality.get_figure(key).mean
    metric = criteria[0].aspect.metric if len(criteria) == 1 else ""
    return format_value(metric, mean)


def _describe_saving(decision: Decision, titles: Mapping[str, str]) -> str:
    """Return how much less the choice costs than the dearest of the leaders, if it does."""
    prices = select_costs(decision.costs, decision.question.cost)
    priced = [key for key in decision.leaders if key in prices]
    if decision.choice not in prices or len(priced) < 2:
        return ""
    dearest = max(priced, key=prices.__getitem__)
    price, most = prices[decision.choice], prices[dearest]
    if not most or price / most > 0.95:
        return ""
    saving = SAVINGS[decision.question.cost].format(_format_ratio(price / most))
    than = "" if len(decision.leaders) == 2 else f", compared with {titles[dearest]}"
    return f"; {titles[decision.choice]} {saving}{than}"


def _format_ratio(ratio: float) -> str:
    for high, low, name in FRACTIONS:
        if low <= ratio <= high:
            return name
    percent = 100 * ratio
    digits = 0 if percent >= 1 else -int(log10(percent)) + 1 if percent else 0
    return f"{percent:.{digits}f} %"


def _describe_relaxed(decision: Decision) -> list[str]:
    if not decision.relaxed:
        return ["No single limit is the reason: several have to be given up."]
    total = len(decision.methods)
    return [
        f"Without the limit on {LIMIT_TITLES[name]}, {count} of {total} "
        f"{'method remains' if count == 1 else 'methods remain'}."
        for name, count in decision.relaxed.items()
    ]


def describe_ranges(decision: Decision, criterion: Criterion, titles: Mapping[str, str]) -> str:
    """Return at which shares of a criterion another method would come first, or "" if none would.

    By the figures themselves, without regard to their intervals.
    """
    ranges = decision.ranges.get(criterion.key, ())
    if not ranges:
        return ""
    total = sum(decision.weights.values())
    share = decision.weights.get(criterion.key, 0) / total
    current = next(each for each in ranges if each.low <= share <= each.high)
    others = [each for each in ranges if each.method != current.method]
    if not others:
        return ""
    name = criterion.aspect.label
    parts = []
    for each in others:
        low, high = _percent(each.low), _percent(each.high)
        if each.low >= share:
            counted = f"{low} or more" if each.high == 1 else f"{low} to {high}"
        else:
            counted = f"{high} or less" if each.low == 0 else f"{low} to {high}"
        parts.append(f"{titles[each.method]} would come first if {name} counted {counted}")
    return f"{'; '.join(parts)} (now {_percent(share)})."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def list_missing(decision: Decision, titles: Mapping[str, str]) -> list[str]:
    """Return which evidence is missing, in a sentence each."""
    keys = {each.key for each in decision.criteria}
    missing = [f"{titles[key]} was {reason}." for key, reason in decision.unfair.items()]
    if JUDGED not in keys and VOTED not in keys:
        missing.append(
            "No person has judged or voted. Labels are only a proxy for what people call similar."
        )
    if not any(key.startswith("change-") for key in keys):
        missing.append("Robustness was not measured: customers' photos may give other results.")
    question = decision.question
    if question.euros is not None and question.machine_price is question.memory_price is None:
        missing.append("The limit on euros needs a price of a machine or of memory.")
    unmeasured = [
        titles[key] for key in decision.remaining if decision.costs[key].milliseconds is None
    ]
    if unmeasured:
        missing.append(
            f"The speed of {join_names(unmeasured)} was not measured. A build of these methods "
            "alone measures it."
        )
    return missing
