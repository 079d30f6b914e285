"""One perturbation's curves as a chart, with a mark at the current amount.

They are written in Vega-Lite directly, because there are many and altair takes 30 ms to validate
each.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from similarity.measures.metrics.schema import Figure
from similarity.measures.robustness.schema import TOP_K, Curve, Median, Point
from similarity.perturbations import Perturbation

HEIGHT = 170  # px
LEGEND_COLUMNS, LINE_HEIGHT = 3, 24  # names per row, as many as fit on a phone; px
FIRST_SHARE, TOP_SHARE, NEARNESS = (
    "Found first",
    f"Among the first {TOP_K}",
    "As near as random pairs",
)

Spec = dict[str, Any]


def make_legend(colours: Mapping[str, str]) -> Spec:
    """Return one legend for all charts, with the methods' colours by title."""
    options = {"title": None, "orient": "top", "columns": LEGEND_COLUMNS, "symbolOpacity": 1}
    return {
        "data": {"values": [{"method": name} for name in colours]},
        "mark": {"type": "point", "filled": True, "opacity": 0},
        "encoding": {"color": _make_colour(colours) | {"legend": options | {"labelLimit": 160}}},
        "height": LINE_HEIGHT * (1 - -len(colours) // LEGEND_COLUMNS),
        "config": {"view": {"stroke": None}},
    }


def make_chart(
    perturbation: Perturbation,
    curves: Mapping[str, Curve],
    colours: Mapping[str, str],
    figure_name: str,
    current: int,
) -> Spec:
    """Return a chart of curves by the methods' titles.

    `figure_name` is FIRST_SHARE, TOP_SHARE or NEARNESS. `colours` are by title.
    There is a line at the amount `current` and, if it was measured, a dot on each curve.
    """
    values: list[dict[str, Any]] = []
    for title, curve in curves.items():
        for point in curve.points:
            figure = get_figure(point, figure_name)
            if figure and (point.amount or not perturbation.kinds):
                row = dict(zip(("value", "low", "high"), figure, strict=True))
                x_value = (
                    perturbation.format_amount(point.amount) if perturbation.kinds else point.amount
                )
                values.append({"method": title, "amount": x_value} | row)
    base: Spec = {
        "color": _make_colour(colours),
        "tooltip": _make_tooltips(perturbation.title, figure_name),
    }
    if perturbation.kinds:
        order = [perturbation.format_amount(amount) for amount in perturbation.measured_amounts]
        axis: Spec = {"labelAngle": 0}
        base["x"] = {"field": "amount", "type": "nominal", "sort": order}
        base["xOffset"] = {"field": "method", "type": "nominal", "scale": {"domain": list(colours)}}
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
        "layer": [
            *lines,
            points,
            *_make_marks(interpolate_dots(perturbation, curves, figure_name, current), base, value),
        ],
        "height": HEIGHT,
    }


def interpolate_dots(
    perturbation: Perturbation, curves: Mapping[str, Curve], figure_name: str, current: int
) -> list[dict[str, Any]]:
    """Return where an amount lies on each curve, if it is within the measured range."""
    rows = []
    for title, curve in curves.items():
        values = {point.amount: get_figure(point, figure_name)[:1] for point in curve.points}
        measured = [amount for amount, figure in values.items() if figure]
        if perturbation.kinds:
            if current and current in measured:
                label = perturbation.format_amount(current)
                rows.append({"method": title, "amount": label, "value": values[current][0]})
        elif measured and measured[0] <= current <= measured[-1]:
            value = float(np.interp(current, measured, [values[amount][0] for amount in measured]))
            rows.append({"method": title, "amount": current, "value": value})
    return rows


def get_figure(point: Point, figure_name: str) -> tuple[float, ...]:
    """Return a point's figure with its limits, or nothing if it has none."""
    figure: Figure | Median | None = {
        FIRST_SHARE: point.first_share,
        TOP_SHARE: point.top_share,
        NEARNESS: point.share_at_most,
    }[figure_name]
    if figure is None:
        return ()
    centre = figure.median if isinstance(figure, Median) else figure.mean
    return centre, figure.low, figure.high


def _make_marks(dots: list[dict[str, Any]], base: Spec, value: Spec) -> list[Spec]:
    if not dots:
        return []
    line = {"type": "rule", "color": "gray", "strokeDash": [4, 3]}
    ring = {"type": "point", "size": 110, "filled": False, "strokeWidth": 2.5, "opacity": 1}
    encoding = {name: settings for name, settings in base.items() if name != "tooltip"} | {
        "y": value
    }
    return [
        {"data": {"values": dots[:1]}, "mark": line, "encoding": {"x": base["x"]}},
        {"data": {"values": dots}, "mark": ring, "encoding": encoding},
    ]


def _make_colour(colours: Mapping[str, str]) -> Spec:
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {"field": "method", "type": "nominal", "scale": scale, "legend": None}


def _make_tooltips(amount: str, value: str) -> list[Spec]:
    texts = [("method", "Method"), ("amount", amount)]
    figures = [("value", value), ("low", "95 % from"), ("high", "to")]
    return [{"field": field, "title": title} for field, title in texts] + [
        {"field": field, "title": title, "type": "quantitative", "format": ".3f"}
        for field, title in figures
    ]
