"""Forest plots: a line for each method, with its figure and interval.

They are written in Vega-Lite directly, because importing altair takes a quarter of a second on a
page's first visit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from similarity.catalogue import Catalogue
from similarity.display.colours import get_colour
from similarity.display.marks import mark_titles
from similarity.measures.metrics.schema import Table
from similarity.measures.metrics.verdict import format_figure

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


def make_forest(
    lines: Sequence[Line],
    *,
    metric: str,
    title: str | None = None,
    number: str = ".3f",
    reference: tuple[str, float] | None = None,
) -> Spec:
    """Return a forest plot.

    `metric` names the figure in tooltips and `number` is its format. `title` is the axis's, and
    `reference` the name and value of a dashed line, which is left out if it is far from all
    figures. The axis has the range of the figures.
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
    return {"data": {"values": values}, "layer": layers, "height": {"step": LINE_HEIGHT}}


def describe_lines(what: str, lines: Sequence[Line]) -> str:
    """Return the same for screen readers."""
    return f"{what}: " + "; ".join(line.label.replace("|", " ") for line in lines)


def _make_tooltip(field: str, title: str, number: str) -> Spec:
    return {"field": field, "title": title, "type": "quantitative", "format": number}


def list_metric_lines(
    catalogue: Catalogue, table: Table, metric: str, labels: Mapping[str, str]
) -> list[Line]:
    """Return a line for each method of a table, best first.

    `labels` name the product labels that methods were trained with.
    """
    titles = mark_titles(catalogue, list(table.figures), labels)
    return [
        Line(
            f"{rank} · {titles[key]}|{format_figure(figure)}",
            figure.mean,
            figure.low,
            figure.high,
            get_colour(catalogue, key),
            key in labels,
        )
        for key, rank in table.rank_methods(metric).items()
        for figure in [table.figures[key][metric]]
    ]


def make_metric_forest(table: Table, metric: str, lines: Sequence[Line]) -> Spec:
    """Return the forest plot of a table's metric, with what random results would have."""
    chance = table.chance if metric.startswith("P@") else None
    reference = ("At random", chance) if chance is not None else None
    return make_forest(lines, metric=metric, title=metric, reference=reference)
