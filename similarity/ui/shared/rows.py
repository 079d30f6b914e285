"""Rows of small pictures in groups, beside the query that they answer; each opens on Compare."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import pandas as pd
import streamlit as st

from similarity.ui.shared import query as url
from similarity.ui.shared.component import component
from similarity.ui.shared.gallery import name_of
from similarity.ui.shared.thumbnails import thumbnail_url

_rows = component(__file__)


@dataclass(frozen=True)
class Cell:
    """A picture, what it is called, and what stands below it."""

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
    """A line: the query, if it is one's answer, a title and its groups."""

    key: str
    title: str
    groups: Sequence[Group]
    query: Cell | None = None


def cells(
    catalogue: str, products: pd.DataFrame, ids: Sequence[str], notes: Sequence[str] = ()
) -> list[Cell]:
    """The pictures of products in the order of their ids."""
    rows = products.loc[list(ids)].to_dict("records")
    said = notes or [""] * len(ids)
    return [
        Cell(product, thumbnail_url(catalogue, product), name_of(row), note)
        for product, row, note in zip(ids, rows, said, strict=True)
    ]


def show_rows(name: str, rows: Sequence[Row], on_pick: Callable[[str, str], None]) -> None:
    """Show rows; `on_pick` gets the id of a picture that is clicked, and its row's key."""
    key = url.key(name)

    def picked() -> None:
        match st.session_state[key].get("picked"):
            case [str(product), int(place)] if 0 <= place < len(rows):
                on_pick(product, rows[place].key)

    _rows(key=key, data={"rows": [asdict(row) for row in rows]}, on_picked_change=picked)
