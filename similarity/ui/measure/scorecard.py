"""The columns of the scorecard: what was measured, then speed, size and licence."""

from collections.abc import Callable, Mapping, Sequence

from similarity.catalogue import Catalogue
from similarity.measures.metrics.schema import Metrics
from similarity.measures.scorecard import Aspect
from similarity.ui.shared.scorecard import Column, Value, make_aspect_column


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
