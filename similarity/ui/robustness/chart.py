"""One perturbation's curves as a chart, with a mark where its knob stands.

They are Vega-Lite as it is: there are many, and altair takes 30 ms to check each.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from similarity.measures.metrics.schema import Figure
from similarity.measures.robustness.schema import AMONG, Curve, Middle, Point
from similarity.perturbations import Perturbation

HEIGHT = 170  # px
BESIDE, LINE = 3, 24  # names in a row, as many as a phone has room for; px
FIRST, TEN, NEAR = "Found first", f"Among the first {AMONG}", "Nearer than random pairs"
# seen on white and on black, also by who sees no red or green
COLOURS = [
    *("#4f6df0", "#d9691e", "#2f9e54", "#a24fd8", "#c2397a", "#0f9bb5"),
    *("#8f7a1e", "#7a7f8c", "#e0554e", "#5f8f2f", "#b0713f", "#3f7fbf"),
]

Spec = dict[str, Any]


def legend(names: list[str]) -> Spec:
    """The methods' colours, once for all charts."""
    shown = {"title": None, "orient": "top", "columns": BESIDE, "symbolOpacity": 1}
    return {
        "data": {"values": [{"method": name} for name in names]},
        "mark": {"type": "point", "filled": True, "opacity": 0},
        "encoding": {"color": _colour(names) | {"legend": shown | {"labelLimit": 160}}},
        "height": LINE * (1 - -len(names) // BESIDE),
        "config": {"view": {"stroke": None}},
    }


def chart(
    perturbation: Perturbation, curves: Mapping[str, Curve], names: list[str], shown: str, now: int
) -> Spec:
    """The curves of methods by their titles: one of FIRST, TEN and NEAR.

    `names` are all titles that have a colour. There is a line at the amount `now`, and a dot on
    each curve, where that was measured.
    """
    values: list[dict[str, Any]] = []
    for title, curve in curves.items():
        for point in curve.points:
            figure = value_of(point, shown)
            if figure and (point.amount or not perturbation.kinds):
                row = dict(zip(("value", "low", "high"), figure, strict=True))
                at = perturbation.said(point.amount) if perturbation.kinds else point.amount
                values.append({"method": title, "amount": at} | row)
    base: Spec = {"color": _colour(names), "tooltip": _tips(perturbation.title, shown)}
    if perturbation.kinds:
        order = [perturbation.said(amount) for amount in perturbation.measured]
        axis: Spec = {"labelAngle": 0}
        base["x"] = {"field": "amount", "type": "nominal", "sort": order}
        base["xOffset"] = {"field": "method", "type": "nominal", "scale": {"domain": names}}
    else:
        label = f"datum.label + '{perturbation.unit}'"
        axis = {"labelExpr": label, "tickCount": 5, "format": "d"}
        base["x"] = {"field": "amount", "type": "quantitative"}
    base["x"] |= {"title": None, "axis": axis}
    scale = {"type": "quantitative", "title": None, "scale": {"domain": [0, 1]}}
    value = scale | {"field": "value", "axis": {"tickCount": 3, "format": "%"}}
    limits = {"y": scale | {"field": "low"}, "y2": {"field": "high"}}
    points = {"mark": {"type": "point", "size": 30, "filled": True, "opacity": 1}}
    points |= {"encoding": base | {"y": value}}
    if perturbation.kinds:
        rule = {"type": "rule", "strokeWidth": 2, "opacity": 0.6}
        lines: list[Spec] = [{"mark": rule, "encoding": base | limits}]
    else:
        lines = [
            {"mark": {"type": "area", "opacity": 0.15}, "encoding": base | limits},
            {"mark": {"type": "line"}, "encoding": base | {"y": value}},
        ]
    return {
        "data": {"values": values},
        "layer": [*lines, points, *_marks(dots(perturbation, curves, shown, now), base, value)],
        "height": HEIGHT,
    }


def dots(
    perturbation: Perturbation, curves: Mapping[str, Curve], shown: str, now: int
) -> list[dict[str, Any]]:
    """Where an amount lies on each curve, if it lies within what was measured."""
    found = []
    for title, curve in curves.items():
        known = {point.amount: value_of(point, shown)[:1] for point in curve.points}
        at = [amount for amount, figure in known.items() if figure]
        if perturbation.kinds:
            if now and now in at:
                said = perturbation.said(now)
                found.append({"method": title, "amount": said, "value": known[now][0]})
        elif at and at[0] <= now <= at[-1]:
            value = float(np.interp(now, at, [known[amount][0] for amount in at]))
            found.append({"method": title, "amount": now, "value": value})
    return found


def value_of(point: Point, shown: str) -> tuple[float, ...]:
    """A point's figure with its limits, if it has it."""
    figure: Figure | Middle | None = {FIRST: point.first, TEN: point.ten, NEAR: point.near}[shown]
    if figure is None:
        return ()
    middle = figure.median if isinstance(figure, Middle) else figure.mean
    return middle, figure.low, figure.high


def _marks(found: list[dict[str, Any]], base: Spec, value: Spec) -> list[Spec]:
    if not found:
        return []
    line = {"type": "rule", "color": "gray", "strokeDash": [4, 3]}
    ring = {"type": "point", "size": 110, "filled": False, "strokeWidth": 2.5, "opacity": 1}
    encoding = {name: how for name, how in base.items() if name != "tooltip"} | {"y": value}
    return [
        {"data": {"values": found[:1]}, "mark": line, "encoding": {"x": base["x"]}},
        {"data": {"values": found}, "mark": ring, "encoding": encoding},
    ]


def _colour(names: list[str]) -> Spec:
    scale = {"domain": names, "range": COLOURS}
    return {"field": "method", "type": "nominal", "scale": scale, "legend": None}


def _tips(amount: str, value: str) -> list[Spec]:
    texts = [("method", "Method"), ("amount", amount)]
    figures = [("value", value), ("low", "95 % from"), ("high", "to")]
    return [{"field": field, "title": title} for field, title in texts] + [
        {"field": field, "title": title, "type": "quantitative", "format": ".3f"}
        for field, title in figures
    ]
