"""A table with a row for each method: values as short bars, with their intervals on request."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import pandas as pd

from similarity.catalogue import Catalogue
from similarity.measures.metrics.verdict import format_value
from similarity.measures.scorecard import Aspect
from similarity.ui.shared import query as url
from similarity.ui.shared.colours import get_colour
from similarity.ui.shared.component import register_component

NOT_MEASURED = "–"
BEST, TIED = "best", "tied"

_component = register_component(__file__)


@dataclass(frozen=True)
class Value:
    """A method's value in a column.

    `share` is the length of its bar from 0 to 1, None for no bar. `interval` is shown on request
    and `details` on hover; `place` is BEST, TIED or empty.
    """

    text: str
    share: float | None = None
    interval: str = ""
    details: str = ""
    place: str = ""


@dataclass(frozen=True)
class Column:
    """A column with the value of each method by key; `details` are shown on hover."""

    title: str
    unit: str
    details: str
    values: Mapping[str, Value] = field(default_factory=dict)


def make_aspect_column(aspect: Aspect, labels: Mapping[str, str]) -> Column:
    """Return the column of an aspect.

    `labels` name the product labels that methods were trained with, by key.
    """
    leaders, metric = aspect.list_leaders(labels), aspect.metric
    compared = set(aspect.list_fair(labels))
    place = BEST if len(leaders) == 1 else TIED
    values = {}
    for key, figures in aspect.table.figures.items():
        figure = figures[metric]
        low, high = (format_value(metric, limit) for limit in (figure.low, figure.high))
        interval = f"{low.removesuffix(' %')}–{high}"
        details = [f"{figure.mean:.3f}, 95 % interval {interval}, n {aspect.table.n:,}."]
        if place == TIED and key in leaders:
            details.append("Too close to call.")
        if key not in compared:
            details.append(f"Trained on {labels[key]}; not a fair comparison.")
        values[key] = Value(
            format_value(metric, figure.mean) + ("" if key in compared else "*"),
            figure.mean,
            interval,
            " ".join(details),
            place if key in leaders else "",
        )
    return Column(aspect.title, aspect.unit, aspect.description, values)


def show_scorecard(
    catalogue: Catalogue, columns: Sequence[Column], keys: Sequence[str], *, intervals: bool
) -> None:
    """Show the columns for these methods."""
    rows = [
        {
            "title": catalogue.registry[key].title,
            "colour": get_colour(catalogue, key),
            "values": [asdict(column.values.get(key, Value(NOT_MEASURED))) for column in columns],
        }
        for key in keys
    ]
    heads = [
        {"title": column.title, "unit": column.unit, "details": column.details}
        for column in columns
    ]
    data = {"heads": heads, "rows": rows, "intervals": intervals}
    _component(key=url.widget_key("scorecard"), data=data)


def tabulate_scorecard(columns: Sequence[Column], keys: Sequence[str]) -> pd.DataFrame:
    """Return the scorecard, for export."""
    return pd.DataFrame(
        [
            (key, column.title, value.text, value.interval, value.place, value.details)
            for key in keys
            for column in columns
            for value in [column.values.get(key, Value(NOT_MEASURED))]
        ],
        columns=["method", "aspect", "value", "interval", "place", "details"],
    )
