"""The scorecard: a row for each method, with what was measured, speed, size and licence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from similarity.catalogue import Catalogue
from similarity.measures.metrics.schema import Metrics
from similarity.measures.metrics.verdict import format_value
from similarity.measures.scorecard import Aspect

NOT_MEASURED = "–"
BEST, TIED = "best", "tied"


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


def make_columns(
    catalogue: Catalogue, metrics: Metrics, aspects: Sequence[Aspect], labels: Mapping[str, str]
) -> list[Column]:
    """Return all columns.

    `labels` name the product labels that methods were trained with, by key.
    """
    sizes = {key: cost.size for key, cost in metrics.costs.items()}
    return [
        *(make_aspect_column(aspect, labels) for aspect in aspects),
        _make_cost_column(
            "Speed",
            "pictures a second",
            "Pictures embedded a second on all cores of this machine, without decoding",
            {key: cost.rate for key, cost in metrics.costs.items()},
            lambda rate: f"{rate:,.0f}",
        ),
        _make_cost_column(
            "Size",
            "KB a product",
            "Size of the index's files, in kilobytes a product; smaller is better",
            {key: size / 1000 if size is not None else None for key, size in sizes.items()},
            lambda size: f"{size:,.0f}" if size >= 10 else f"{size:.1f}",
        ),
        Column(
            "Licence",
            "of the weights",
            "What the weights may be used for; see Methods",
            {key: Value(catalogue.registry[key].licence) for key in metrics.methods},
        ),
    ]


def _make_cost_column(
    title: str,
    unit: str,
    details: str,
    values: Mapping[str, float | None],
    format_cost: Callable[[float], str],
) -> Column:
    largest = max((value for value in values.values() if value), default=1.0)
    return Column(
        title,
        unit,
        details,
        {
            key: Value(format_cost(value), value / largest)
            for key, value in values.items()
            if value is not None
        },
    )


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
