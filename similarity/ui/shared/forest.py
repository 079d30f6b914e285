"""Forest plots: a line for each method, with its figure and interval.

They are written in Vega-Lite directly, because importing altair takes a quarter of a second on a
page's first visit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import streamlit as st

Spec = dict[str, Any]

LINE_HEIGHT = 44  # px
STEP = 0.05  # limits of the axis are multiples of this


@dataclass(frozen=True)
class Line:
    """A method's figure from 0 to 1, in its colour.

    `label` may have two lines separated by |. A method trained with product labels has a diamond
    instead of a circle.
    """

    label: str
    mean: float
    low: float
    high: float
    colour: str
    has_labels: bool = False


def show_forest(
    lines: Sequence[Line],
    *,
    metric: str,
    alt: str,
    title: str | None = None,
    number: str = ".3f",
    reference: tuple[str, float] | None = None,
) -> None:
    """Draw a forest plot.

    `metric` names the figure in tooltips and `number` is its format. `title` is the axis's, `alt`
    is for screen readers, and `reference` is the name and value of a dashed line, which is left out
    if it is far from all figures. The axis has the range of the figures.
    """
    percent = {"format": "%"} if number.endswith("%") else {}
    low = max(floor((min(line.low for line in lines) - STEP / 2) / STEP) * STEP, 0)
    high = min(ceil((max(line.high for line in lines) + STEP / 2) / STEP) * STEP, 1)
    x: Spec = {"type": "quantitative", "title": title}
    x["scale"] = {"domain": [low, high], "nice": False, "zero": False}
    x["axis"] = {"tickCount": 6, **percent}
    y: Spec = {"field": "label", "type": "nominal", "sort": None, "title": None}
    y["axis"] = {"labelExpr": "split(datum.label, '|')", "labelLimit": 220, "labelFontSize": 13}
    # next to their lines, unlike in Streamlit's theme
    y["axis"] |= {"labelFlush": False, "labelBaseline": "middle", "labelBound": False}
    y["axis"] |= {"domain": False, "ticks": False}
    shape: Spec = {"field": "taught", "type": "nominal", "legend": None}
    shape["scale"] = {"domain": [False, True], "range": ["circle", "diamond"]}
    colour: Spec = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    tooltips = [
        _make_tooltip(*field, number)
        for field in (("mean", metric), ("low", "95 % from"), ("high", "to"))
    ]
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.5},
            "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y}
            | {"color": colour},
        },
        {
            "mark": {"type": "point", "size": 90, "opacity": 1, "strokeWidth": 2},
            "encoding": {"x": x | {"field": "mean"}, "y": y, "shape": shape, "tooltip": tooltips}
            | {"color": colour},
        },
    ]
    if reference and low <= reference[1] <= high:
        name, value = reference
        dashed: Spec = {
            "data": {"values": [{"value": value}]},
            "mark": {"type": "rule", "strokeDash": [4, 4], "color": "gray"},
            "encoding": {
                "x": x | {"field": "value"},
                "tooltip": [_make_tooltip("value", name, number)],
            },
        }
        layers.insert(0, dashed)
    values = [
        {"label": line.label, "mean": line.mean, "low": line.low, "high": line.high}
        | {"taught": line.has_labels, "colour": line.colour}
        for line in lines
    ]
    spec = {"data": {"values": values}, "layer": layers, "height": {"step": LINE_HEIGHT}}
    st.vega_lite_chart(None, spec, width="stretch", alt=alt)


def _make_tooltip(field: str, title: str, number: str) -> Spec:
    return {"field": field, "title": title, "type": "quantitative", "format": number}
