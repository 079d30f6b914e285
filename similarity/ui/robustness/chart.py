"""One perturbation's curves as a chart, with a mark where its knob stands."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from similarity.measures.metrics import Figure
from similarity.measures.robustness import AMONG, Middle, Point
from similarity.perturbations import PERTURBATIONS, Perturbation
from similarity.search import Catalogue
from similarity.ui.caches import shared_robustness

HEIGHT = 170  # px
BESIDE = 3  # names in a row: as many as a phone has room for
FIRST, TEN, NEAR = "Found first", f"Among the first {AMONG}", "Nearer than random pairs"
# seen on white and on black, also by who sees no red or green
COLOURS = [
    *("#4f6df0", "#d9691e", "#2f9e54", "#a24fd8", "#c2397a", "#0f9bb5"),
    *("#8f7a1e", "#7a7f8c", "#e0554e", "#5f8f2f", "#b0713f", "#3f7fbf"),
]


def legend(names: list[str]) -> dict[str, Any]:
    """The methods' colours, once for all charts."""
    scale = alt.Scale(domain=names, range=COLOURS)
    shown = alt.Legend(title=None, orient="top", columns=BESIDE, symbolOpacity=1, labelLimit=160)
    return (
        alt.Chart(pd.DataFrame({"method": names}))
        .mark_point(filled=True, opacity=0)
        .encode(alt.Color("method:N", scale=scale, legend=shown))
        .properties(height=24 * -(-len(names) // BESIDE) + 8)
        .configure_view(stroke=None)
        .to_dict()
    )


@st.cache_data(max_entries=256, show_spinner=False)
def chart(
    pointer: bytes, key: str, shown: str, names: list[str], _catalogue: Catalogue
) -> dict[str, Any]:
    """A chart's specification with its curves: making one takes longer than all else of it."""
    found = shared_robustness(_catalogue)
    perturbation = PERTURBATIONS[key]
    rows = pd.DataFrame(
        {
            "method": name,
            "amount": perturbation.said(p.amount) if perturbation.kinds else p.amount,
            **dict(zip(("value", "low", "high"), value_of(p, shown), strict=False)),
        }
        for name, measured in zip(names, found.methods.values(), strict=True)
        if key in measured.curves
        for p in measured.curves[key].points
        if p.amount or not perturbation.kinds
    )
    colour = alt.Color("method:N", scale=alt.Scale(domain=names, range=COLOURS), legend=None)
    y = alt.Scale(domain=[0, 1])
    if perturbation.kinds:
        order = [perturbation.said(p) for p in perturbation.measured]
        x: Any = alt.X("amount:N", sort=order, title=None, axis=alt.Axis(labelAngle=0))
        more: dict[str, Any] = {"xOffset": alt.XOffset("method:N", scale=alt.Scale(domain=names))}
    else:
        axis = alt.Axis(labelExpr=f"datum.label + '{perturbation.unit}'", tickCount=5, format="d")
        x, more = alt.X("amount:Q", title=None, axis=axis), {}
    base = alt.Chart(rows).encode(
        x,
        color=colour,
        tooltip=[
            alt.Tooltip("method:N", title="Method"),
            alt.Tooltip("amount", title=perturbation.title),
            alt.Tooltip("value:Q", title=shown, format=".3f"),
            alt.Tooltip("low:Q", title="95 % from", format=".3f"),
            alt.Tooltip("high:Q", title="to", format=".3f"),
        ],
        **more,
    )
    value = alt.Y("value:Q", scale=y, title=None, axis=alt.Axis(tickCount=3, format="%"))
    limits = alt.Y("low:Q", scale=y), alt.Y2("high:Q")
    points = base.mark_point(size=30, filled=True, opacity=1).encode(value)
    if perturbation.kinds:
        layers = [base.mark_rule(strokeWidth=2, opacity=0.6).encode(*limits), points]
    else:
        layers = [
            base.mark_area(opacity=0.15).encode(*limits),
            base.mark_line().encode(value),
            points,
        ]
    return alt.layer(*layers).properties(height=HEIGHT).to_dict()


def marked(spec: dict[str, Any], perturbation: Perturbation, amount: int) -> dict[str, Any]:
    """A chart with a line at an amount and a dot on each curve, where that was measured."""
    (rows,) = spec["datasets"].values()
    at: Any = perturbation.said(amount) if perturbation.kinds else amount
    by: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by.setdefault(row["method"], []).append(row)
    dots = []
    for method, some in by.items():
        known = [row["amount"] for row in some]
        if perturbation.kinds:
            values = [row["value"] for row in some if row["amount"] == at]
        elif known[0] <= amount <= known[-1]:
            values = [float(np.interp(amount, known, [row["value"] for row in some]))]
        else:
            values = []
        dots += [{"method": method, "amount": at, "value": value} for value in values]
    if not dots:
        return spec
    kind = "nominal" if perturbation.kinds else "quantitative"
    x = {"field": "amount", "type": kind}
    rule = {"mark": {"type": "rule", "color": "gray", "strokeDash": [4, 3]}, "encoding": {"x": x}}
    encoding = {
        "x": x,
        "y": {"field": "value", "type": "quantitative"},
        "color": {"field": "method", "type": "nominal"},
    }
    if perturbation.kinds:
        encoding["xOffset"] = spec["layer"][-1]["encoding"]["xOffset"]
    dot = {
        "mark": {"type": "point", "size": 110, "filled": False, "strokeWidth": 2.5, "opacity": 1},
        "encoding": encoding,
    }
    now = {"data": {"values": dots}}
    return spec | {
        "layer": [now | {"data": {"values": dots[:1]}} | rule, *spec["layer"], now | dot]
    }


def value_of(point: Point, shown: str) -> tuple[float, ...]:
    """A point's figure with its limits, if it has it."""
    figure: Figure | Middle | None = {FIRST: point.first, TEN: point.ten, NEAR: point.near}[shown]
    if figure is None:
        return ()
    middle = figure.median if isinstance(figure, Middle) else figure.mean
    return middle, figure.low, figure.high
