"""A decision as a table and as a chart of quality against cost."""

from collections.abc import Mapping
from typing import Any

from similarity.decisions.costs import select_costs
from similarity.decisions.decision import Decision
from similarity.decisions.limits import format_cost
from similarity.decisions.question import Cost
from similarity.display.scorecard import NOT_MEASURED
from similarity.measures.metrics.verdict import format_value

Spec = dict[str, Any]

AXES: dict[Cost, str] = {
    "megabytes": "Memory of the index, MB",
    "milliseconds": "Search by a new picture, ms",
    "euros": "Euros a month",
}
COLUMNS = ("method", "result", "quality", "memory, MB", "search, ms", "euros a month")
HEIGHT = 320  # px


def tabulate_decision(decision: Decision, titles: Mapping[str, str]) -> list[list[str]]:
    """Return a row of COLUMNS for each method: the best first, those that fell out last."""
    compared = sorted(
        decision.quality.methods,
        key=lambda key: (
            key != decision.choice,
            key not in decision.leaders,
            -decision.quality.get_figure(key).mean,
        ),
    )
    rows = []
    for key in [*compared, *decision.unfair, *decision.broken]:
        costs = decision.costs[key]
        values = (costs.megabytes, costs.milliseconds, costs.euros)
        rows.append(
            [
                titles[key],
                describe_result(decision, key),
                _format_quality(decision, key),
                *(NOT_MEASURED if value is None else format_cost(value) for value in values),
            ]
        )
    return rows


def describe_result(decision: Decision, key: str) -> str:
    """Return what became of a method."""
    if key in decision.broken:
        return f"Falls out: {'; '.join(decision.broken[key].values())}"
    if key in decision.unfair:
        return f"Not compared: {decision.unfair[key]}"
    if not decision.choice:
        return "The only one with a fair figure"
    if key == decision.choice:
        return "Recommended"
    return "No difference shown" if key in decision.leaders else "Shown to be worse"


def _format_quality(decision: Decision, key: str) -> str:
    """Return a method's quality with its interval."""
    if key not in decision.quality.methods:
        return NOT_MEASURED
    figure = decision.quality.get_figure(key)
    metric = get_metric(decision)
    mean, low, high = (
        format_value(metric, value) for value in (figure.mean, figure.low, figure.high)
    )
    return f"{mean} ({low.removesuffix(' %')}–{high})"


def get_metric(decision: Decision) -> str:
    """Return the metric of the only criterion; a mean of several is a share."""
    criteria = decision.quality.criteria
    return criteria[0].aspect.metric if len(criteria) == 1 else ""


def make_front_chart(
    decision: Decision, titles: Mapping[str, str], colours: Mapping[str, str]
) -> Spec | None:
    """Return the chart of the compared methods, with a line through those that nothing beats.

    None if fewer than two have a known cost.
    """
    cost = decision.question.cost
    prices = select_costs(decision.costs, cost)
    keys = [key for key in decision.quality.methods if key in prices]
    if len(keys) < 2:
        return None
    values = []
    for key in keys:
        figure = decision.quality.get_figure(key)
        values.append(
            {"method": titles[key], "cost": prices[key], "colour": colours[key]}
            | {"mean": figure.mean, "low": figure.low, "high": figure.high}
            | {"front": key in decision.front}
        )
    is_log = min(prices[key] for key in keys) > 0
    x: Spec = {"field": "cost", "type": "quantitative", "title": AXES[cost]}
    x["scale"] = {"type": "log" if is_log else "linear", "nice": False, "padding": 70}
    x["axis"] = {"tickCount": 5, "format": "~s" if is_log else "~r", "grid": False}
    is_share = not get_metric(decision) or format_value(get_metric(decision), 0.5).endswith("%")
    y: Spec = {"type": "quantitative", "title": "Quality", "scale": {"zero": False, "padding": 24}}
    y["axis"] = {"tickCount": 5, **({"format": "%"} if is_share else {})}
    colour: Spec = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    tooltip = [
        {"field": "method", "title": "Method", "type": "nominal"},
        {"field": "mean", "title": "Quality", "type": "quantitative", "format": ".3f"},
        {"field": "low", "title": "95 % from", "type": "quantitative", "format": ".3f"},
        {"field": "high", "title": "to", "type": "quantitative", "format": ".3f"},
        {"field": "cost", "title": AXES[cost], "type": "quantitative", "format": ",.3~r"},
    ]
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.front"}],
            "mark": {
                "type": "line",
                "interpolate": "step-after",
                "strokeDash": [4, 4],
                "color": "gray",
            },
            "encoding": {"x": x, "y": y | {"field": "mean"}, "order": {"field": "cost"}},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.5},
            "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}}
            | {"color": colour},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
            "encoding": {"x": x, "y": y | {"field": "mean"}, "color": colour, "tooltip": tooltip},
        },
        {
            "mark": {"type": "text", "dx": 10, "dy": -10, "align": "left", "fontSize": 13},
            "encoding": {"x": x, "y": y | {"field": "mean"}, "color": colour}
            | {"text": {"field": "method", "type": "nominal"}},
        },
    ]
    return {"data": {"values": values}, "layer": layers, "height": HEIGHT}


def describe_chart(decision: Decision, titles: Mapping[str, str]) -> str:
    """Return what the chart says, for those who can't see it."""
    prices = select_costs(decision.costs, decision.question.cost)
    points = [
        f"{titles[key]} {_format_quality(decision, key)} at {format_cost(prices[key])}"
        for key in decision.quality.methods
        if key in prices
    ]
    return f"Quality against {AXES[decision.question.cost]}: {'; '.join(points)}"
