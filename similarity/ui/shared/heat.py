"""Heat maps: a tile for each pair of a column and a line, with its figure.

They are Vega-Lite as it is: importing altair takes a quarter of a second of a page's first visit.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

STEEP = 4  # columns that fit beside each other with level headings
DARK = 0.55  # of the darkest: figures on tiles as dark are white


def heat(
    rows: Iterable[Mapping[str, Any]],
    *,
    across: str,
    down: str,
    value: str,
    columns: Sequence[str],
    lines: Sequence[str],
    tips: Mapping[str, str],
    row: int,
    said: str,
    top: float = 1,
    digits: int = 2,
    write: bool = True,
) -> None:
    """Draw one. `rows` has a row for each tile, and `across`, `down` and `value` name parts of it.

    `columns` and `lines` are their texts in order; tiles are `row` pixels high, and the darkest
    has the value `top`. Figures are written with so many digits, if they are. `tips` are the titles
    of the parts that a tile tells when it is pointed at; `said` is for screen readers.
    """
    plain = {"domain": False, "ticks": False, "labelLimit": 140, "labelOverlap": False}
    above = plain | {"orient": "top", "labelAngle": -35 if len(columns) > STEEP else 0}
    base = {
        "x": _place(across, columns, above),
        "y": _place(down, lines, plain),
        "tooltip": [{"field": field, "title": title} for field, title in tips.items()],
    }
    figure = {"field": value, "type": "quantitative"}
    shade = figure | {"scale": {"scheme": "blues", "domain": [0, top]}, "legend": None}
    layers: list[Any] = [
        {"mark": {"type": "rect", "cornerRadius": 3}, "encoding": base | {"color": shade}}
    ]
    if write:
        white = {"test": f"datum['{value}'] > {DARK * top}", "value": "white"}
        text = figure | {"format": f".{digits}f"}
        on = {"condition": white, "value": "#10151f"}
        mark = {"type": "text", "fontSize": 12}
        layers.append({"mark": mark, "encoding": base | {"text": text, "color": on}})
    spec = {"data": {"values": list(rows)}, "layer": layers, "height": row * len(lines) + 90}
    st.vega_lite_chart(None, spec, width="stretch", alt=said)


def _place(field: str, order: Sequence[str], axis: Mapping[str, Any]) -> dict[str, Any]:
    return {"field": field, "type": "nominal", "sort": list(order), "title": None, "axis": axis}
