"""The Streamlit component for grids of clickable pictures."""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd
import streamlit as st

from similarity.display.products import ProductRow, get_attributes, get_name, list_differences
from similarity.ui.shared.component import register_component
from similarity.ui.shared.thumbnails import thumbnail_url

_component = register_component(
    __file__, "pictures.css", "pictures.js", "gallery.js", "keys.js", "agreement.js"
)


@dataclass(frozen=True)
class Picture:
    """A cell of a grid, with attributes as notes.

    A picture that is wrong is marked. `nearness` says how near the score is compared with random
    pairs, and `percent` says it in short; weak matches are faded. `shared_by` says how many columns
    have the picture, `is_unique` that only this one has, and `other_ranks` states its ranks in the
    others. `folded` says how many other results it stands for, and `grade` what people judged.
    """

    id: str
    src: str
    alt: str
    notes: Sequence[str] = ()
    is_wrong: bool = False
    rank: str = ""
    score: str = ""
    nearness: str = ""
    percent: str = ""
    is_weak: bool = False
    shared_by: str = ""
    is_unique: bool = False
    other_ranks: str = ""
    folded: str = ""
    grade: str = ""


@dataclass(frozen=True)
class Column:
    """A grid of pictures under a heading, with a message above the pictures or instead of them.

    `label` names a grid without heading for screen readers. `colour` is the method's. `facts` are
    behind the heading's (i). `headline` is the main conclusion, if any, and `note` stands beside
    it; `recall` says how much of the exact result a search finds, `stand_in` what stands for words
    that the method can't read, `unique_note` how many pictures no other column has.
    `weak_heading`, if any, is shown above the first of several weak pictures, and
    `weak_heading_short` where there is little room.
    """

    key: str
    pictures: Sequence[Picture] = ()
    label: str = ""
    title: str = ""
    colour: str = ""
    family: str = ""
    summary: str = ""
    facts: Sequence[str] = ()
    time: str = ""
    headline: str = ""
    note: str = ""
    recall: str = ""
    stand_in: str = ""
    unique_note: str = ""
    message: str = ""
    failed: bool = False
    weak_heading: str = ""
    weak_heading_short: str = ""


@dataclass(frozen=True)
class Pair:
    """How far two columns, given by their keys, agree; `facts` explain the figures."""

    one: str
    other: str
    title: str
    overlap: int
    k: int
    rbo: str
    facts: Sequence[str]


@dataclass(frozen=True)
class Agreement:
    """The row above the columns: each pair of them, and a remark."""

    pairs: Sequence[Pair] = ()
    remark: str = ""


def show_gallery(
    key: str,
    columns: Sequence[Column],
    layout: Literal["columns", "strip"],
    *,
    selected: str = "",
    announcement: str = "",
    agreement: Agreement | None = None,
    details: bool = True,
    on_pick: Callable[[str], None],
    on_look: Callable[[str, str], None] | None = None,
    on_refine: Callable[[str, str], None] | None = None,
) -> None:
    """Show columns of pictures.

    Without `details`, scores, notes and times are only shown for the picture under the pointer.
    `on_pick` gets the id of a clicked picture; `on_look` the key of the column and the id of a
    picture to enlarge; `on_refine` "more" or "less" and the id of a picture that the query should
    be more or less like. `announcement` is read by screen readers when it changes.
    """

    def handle_pick() -> None:
        product = st.session_state[key].get("picked")
        if isinstance(product, str):
            on_pick(product)

    def handle_look() -> None:
        match st.session_state[key].get("looked"):
            case [str(column), str(product)] if on_look:
                on_look(column, product)

    def handle_refine() -> None:
        match st.session_state[key].get("refined"):
            case ["more" | "less" as role, str(product)] if on_refine:
                on_refine(role, product)

    data = {
        "layout": layout,
        "selected": selected,
        "announcement": announcement,
        "details": details,
        "refinable": on_refine is not None,
        "columns": [asdict(column) for column in columns],
        "agreement": asdict(agreement) if agreement else None,
    }
    _component(
        key=key,
        data=data,
        on_picked_change=handle_pick,
        on_looked_change=handle_look,
        on_refined_change=handle_refine,
    )


def read_rows(products: pd.DataFrame, ids: Iterable[str]) -> dict[str, ProductRow]:
    """Return the attributes of products by id: one look-up for all, because pandas' are slow."""
    distinct = list(dict.fromkeys(ids))
    return dict(zip(distinct, products.loc[distinct].to_dict("records"), strict=True))


def make_pictures(
    catalogue: str, rows: Mapping[str, ProductRow], query: Mapping[str, str] | None = None
) -> list[Picture]:
    """Return the cells of products, whose attributes are by id, in this order.

    Notes only contain attributes that differ from the query's, if it has any.
    """
    return [
        Picture(
            id=product,
            src=thumbnail_url(catalogue, product),
            alt=get_name(row),
            notes=list_differences(get_attributes(row), query or {}),
        )
        for product, row in rows.items()
    ]


def make_data_url(content: bytes, kind: str = "webp") -> str:
    """Return a data URL with the content of a picture."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
