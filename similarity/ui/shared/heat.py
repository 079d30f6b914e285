"""Heat maps: a tile for each pair of a column and a line, with its figure.

They are written in Vega-Lite directly, because importing altair takes a quarter of a second on a
page's first visit.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

MAX_LEVEL_COLUMNS = 4  # columns whose headings fit without being rotated
DARK_SHARE = 0.55  # of the maximum: figures on darker tiles are white


def show_heat_map(
    rows: Iterable[Mapping[str, Any]],
    *,
    x: str,
    y: str,
    value: str,
    x_labels: Sequence[str],
    y_labels: Sequence[str],
    tooltips: Mapping[str, str],
    row_height: int,
    alt: str,
    maximum: float = 1,
    exponent: float = 1,
    digits: int = 2,
    show_figures: bool = True,
) -> None:
    """Draw a heat map.

    `rows` has one mapping per tile; `x`, `y` and `value` name its fields. `x_labels` and `y_labels`
    are the texts in order, `row_height` is in pixels, and the darkest tile has the value `maximum`.
    An `exponent` above 1 makes large values easier to tell apart. Figures have `digits` decimals,
    unless `show_figures` is False. `tooltips` are titles of fields by name, `alt` is for screen
    readers.
    """
    y_axis = {"domain": False, "ticks": False, "labelLimit": 140, "labelOverlap": False}
    x_axis = y_axis | {
        "orient": "top",
        "labelAngle": -35 if len(x_labels) > MAX_LEVEL_COLUMNS else 0,
    }
    base = {
        "x": _make_axis(x, x_labels, x_axis),
        "y": _make_axis(y, y_labels, y_axis),
        "tooltip": [{"field": field, "title": title} for field, title in tooltips.items()],
    }
    figure = {"field": value, "type": "quantitative"}
    shade = figure | {
        "scale": {
            "type": "pow",
            "exponent": exponent,
            "scheme": "blues",
            "domain": [0, maximum],
        },
        "legend": None,
    }
    layers: list[Any] = [
        {"mark": {"type": "rect", "cornerRadius": 3}, "encoding": base | {"color": shade}}
    ]
    if show_figures:
        darkest_pale = DARK_SHARE ** (1 / exponent) * maximum
        is_dark = {"test": f"datum['{value}'] > {darkest_pale}", "value": "white"}
        text = figure | {"format": f".{digits}f"}
        text_colour = {"condition": is_dark, "value": "#10151f"}
        mark = {"type": "text", "fontSize": 12}
        layers.append({"mark": mark, "encoding": base | {"text": text, "color": text_colour}})
    spec = {
        "data": {"values": list(rows)},
        "layer": layers,
        "height": row_height * len(y_labels) + 90,
    }
    st.vega_lite_chart(None, spec, width="stretch", alt=alt)


def _make_axis(field: str, order: Sequence[str], axis: Mapping[str, Any]) -> dict[str, Any]:
    return {"field": field, "type": "nominal", "sort": list(order), "title": None, "axis": axis}
