"""Rows of small pictures in groups, next to their query; each opens on Compare."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import pandas as pd
import streamlit as st

from similarity.display.products import get_name
from similarity.ui.shared import query as url
from similarity.ui.shared.component import register_component
from similarity.ui.shared.thumbnails import thumbnail_url

_component = register_component(__file__)


@dataclass(frozen=True)
class Cell:
    """A picture with its title, and a note below it."""

    id: str
    src: str
    title: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Pictures under a label, and how many more there are."""

    label: str
    cells: Sequence[Cell]
    more: int = 0


@dataclass(frozen=True)
class Row:
    """A line: an optional query, a title and groups."""

    key: str
    title: str
    groups: Sequence[Group]
    query: Cell | None = None


def make_cells(
    catalogue: str, products: pd.DataFrame, ids: Sequence[str], notes: Sequence[str] = ()
) -> list[Cell]:
    """Return the pictures of products in the order of their ids."""
    rows = products.loc[list(ids)].to_dict("records")
    cell_notes = notes or [""] * len(ids)
    return [
        Cell(product, thumbnail_url(catalogue, product), get_name(row), note)
        for product, row, note in zip(ids, rows, cell_notes, strict=True)
    ]


def show_rows(name: str, rows: Sequence[Row], on_pick: Callable[[str, str], None]) -> None:
    """Show rows; `on_pick` gets the id of a clicked picture and its row's key."""
    key = url.widget_key(name)

    def handle_pick() -> None:
        match st.session_state[key].get("picked"):
            case [str(product), int(position)] if 0 <= position < len(rows):
                on_pick(product, rows[position].key)

    _component(key=key, data={"rows": [asdict(row) for row in rows]}, on_picked_change=handle_pick)
