"""Forest plots: a line for each method, with its figure and interval.

They are Vega-Lite as it is: importing altair takes a quarter of a second of a page's first visit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

Spec = dict[str, Any]

LINE = 44  # px of a method
TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]
INTERVAL = "#7d90e0"  # seen on white and on black


@dataclass(frozen=True)
class Line:
    """A method's figure from 0 to 1. `label` may have two lines, with a | between them; one that
    was trained with labels of products has a diamond in place of a circle."""

    label: str
    mean: float
    low: float
    high: float
    taught: bool = False


def show_forest(
    lines: Sequence[Line],
    *,
    metric: str,
    said: str,
    title: str | None = None,
    number: str = ".3f",
    reference: tuple[str, float] | None = None,
) -> None:
    """Draw a forest plot. `metric` names the figure in tooltips, `number` is its format.

    `reference` is the name and value of a dashed line. `title` is the axis's; `said` is for screen
    readers.
    """
    percent = {"format": "%"} if number.endswith("%") else {}
    at: Spec = {"type": "quantitative", "title": title, "scale": {"domain": [0, 1]}}
    at["axis"] = {"values": TICKS, **percent}
    place: Spec = {"field": "label", "type": "nominal", "sort": None, "title": None}
    place["axis"] = {"labelExpr": "split(datum.label, '|')", "labelLimit": 220, "labelFontSize": 13}
    # each beside its line, which Streamlit's theme would not have
    place["axis"] |= {"labelFlush": False, "labelBaseline": "middle", "labelBound": False}
    place["axis"] |= {"domain": False, "ticks": False}
    shape: Spec = {"field": "taught", "type": "nominal", "legend": None}
    shape["scale"] = {"domain": [False, True], "range": ["circle", "diamond"]}
    tips = [_tip(*tip, number) for tip in (("mean", metric), ("low", "95 % from"), ("high", "to"))]
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "strokeWidth": 3, "color": INTERVAL},
            "encoding": {"x": at | {"field": "low"}, "x2": {"field": "high"}, "y": place},
        },
        {
            "mark": {"type": "point", "size": 90, "opacity": 1, "strokeWidth": 2},
            "encoding": {"x": at | {"field": "mean"}, "y": place, "shape": shape, "tooltip": tips},
        },
    ]
    if reference:
        name, value = reference
        dashed: Spec = {
            "data": {"values": [{"value": value}]},
            "mark": {"type": "rule", "strokeDash": [4, 4], "color": "gray"},
            "encoding": {"x": at | {"field": "value"}, "tooltip": [_tip("value", name, number)]},
        }
        layers.insert(0, dashed)
    values = [
        {"label": line.label, "mean": line.mean, "low": line.low, "high": line.high}
        | {"taught": line.taught}
        for line in lines
    ]
    spec = {"data": {"values": values}, "layer": layers, "height": {"step": LINE}}
    st.vega_lite_chart(None, spec, width="stretch", alt=said)


def _tip(field: str, title: str, number: str) -> Spec:
    return {"field": field, "title": title, "type": "quantitative", "format": number}
