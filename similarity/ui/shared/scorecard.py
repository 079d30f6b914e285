"""A table with a row for each method: values as short bars, with their intervals on request."""

from collections.abc import Sequence
from dataclasses import asdict

from similarity.catalogue import Catalogue
from similarity.display.colours import get_colour
from similarity.display.scorecard import NOT_MEASURED, Column, Value
from similarity.ui.shared import query as url
from similarity.ui.shared.component import register_component

_component = register_component(__file__)


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
