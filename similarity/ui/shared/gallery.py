"""The Streamlit component for grids of clickable pictures, and for the query next to them."""

import base64
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import streamlit as st

from similarity.store.table import RESERVED_COLUMNS
from similarity.ui.shared.component import register_component
from similarity.ui.shared.plain import truncate
from similarity.ui.shared.thumbnails import thumbnail_url

HIDDEN_COLUMNS = {*RESERVED_COLUMNS, "caption"}  # not listed under a picture

_component = register_component(__file__, "gallery.js", "keys.js", "agreement.js")


@dataclass(frozen=True)
class Note:
    """An attribute under a picture; `differs` marks a notable one."""

    text: str
    differs: bool = False


@dataclass(frozen=True)
class Picture:
    """A cell of a grid.

    `nearness` says how near the score is compared with random pairs, and `percent` says it in
    short; weak matches are faded. `shared_by` says how many columns have the picture, `is_unique`
    that only this one has, and `other_ranks` states its ranks in the others.
    """

    id: str
    src: str
    alt: str
    notes: Sequence[Note] = ()
    rank: str = ""
    score: str = ""
    nearness: str = ""
    percent: str = ""
    is_weak: bool = False
    shared_by: str = ""
    is_unique: bool = False
    other_ranks: str = ""


@dataclass(frozen=True)
class Column:
    """A grid of pictures under a heading, with a message above the pictures or instead of them.

    `label` names a grid without heading for screen readers. `facts` are behind the heading's (i).
    `category_share` says how many of the pictures are in `category`, `labels_note` that the method
    was trained with such labels, `recall` how much of the exact result a search finds, and
    `unique_note` how many pictures no other column has. `headline` is the main conclusion, if any.
    `weak_heading` is shown above the first of several weak pictures, and `weak_heading_short` where
    there is little room.
    """

    key: str
    pictures: Sequence[Picture] = ()
    label: str = ""
    title: str = ""
    family: str = ""
    summary: str = ""
    facts: Sequence[str] = ()
    time: str = ""
    headline: str = ""
    recall: str = ""
    category_share: str = ""
    labels_note: str = ""
    category: str = ""
    unique_note: str = ""
    message: str = ""
    failed: bool = False
    weak_heading: str = "weak matches from here on"
    weak_heading_short: str = "weak from here"


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
    """The row above the columns: each pair of them, and a remark.

    `walk_label` is on the button that leads to the next disagreement, if any; `walk_help` explains
    it.
    """

    pairs: Sequence[Pair] = ()
    remark: str = ""
    walk_label: str = ""
    walk_help: str = ""


@dataclass(frozen=True)
class DisplayedQuery:
    """The query as it is displayed: words and, unless it is a text, a picture."""

    lead: str
    text: str
    details: str = ""
    src: str = ""


def show_query(key: str, query: DisplayedQuery, link: str) -> None:
    """Show the query, and a button that copies `link`, unless that is empty."""
    _component(key=key, data={"layout": "query", "query": asdict(query), "link": link})


def show_gallery(
    key: str,
    columns: Sequence[Column],
    layout: Literal["columns", "strip"],
    *,
    selected: str = "",
    announcement: str = "",
    agreement: Agreement | None = None,
    on_pick: Callable[[str], None],
    on_look: Callable[[str, str], None] | None = None,
    on_differ: Callable[[], None] | None = None,
) -> None:
    """Show columns of pictures.

    `on_pick` gets the id of a clicked picture; `on_look` the key of the column and the id of a
    picture to enlarge; `on_differ` is called to go to the next disagreement. `announcement` is read
    by screen readers when it changes.
    """

    def handle_pick() -> None:
        product = st.session_state[key].get("picked")
        if isinstance(product, str):
            on_pick(product)

    def handle_look() -> None:
        match st.session_state[key].get("looked"):
            case [str(column), str(product)] if on_look:
                on_look(column, product)

    def handle_differ() -> None:
        if st.session_state[key].get("differed") and on_differ:
            on_differ()

    data = {
        "layout": layout,
        "selected": selected,
        "announcement": announcement,
        "columns": [asdict(column) for column in columns],
        "agreement": asdict(agreement) if agreement else None,
    }
    _component(
        key=key,
        data=data,
        on_picked_change=handle_pick,
        on_looked_change=handle_look,
        on_differed_change=handle_differ,
    )


def make_pictures(
    catalogue: str,
    products: pd.DataFrame,
    ids: Sequence[str],
    query: Mapping[str, str] | None = None,
) -> list[Picture]:
    """Return the cells of products, in the order of their ids.

    Notes only contain attributes that differ from the query's, if it has any.
    """
    # one look-up for all, because pandas' are slow
    rows = products.loc[list(ids)].to_dict("records")
    return [
        Picture(
            id=product,
            src=thumbnail_url(catalogue, product),
            alt=get_name(row),
            notes=list_differences(get_attributes(row), query or {}),
        )
        for product, row in zip(ids, rows, strict=True)
    ]


def list_differences(attributes: Mapping[str, str], query: Mapping[str, str]) -> list[Note]:
    """Return the attributes that differ from the query's; another category is marked."""
    notes: dict[str, Note] = {}  # by text, so that equal texts of two columns appear once
    for name, text in attributes.items():
        if query.get(name) != text:
            notes.setdefault(text, Note(text, differs=name == "category" and name in query))
    return list(notes.values())


def get_name(row: Mapping[Hashable, Any]) -> str:
    """Return a product's caption, or its attributes, or its file's name."""
    texts = dict.fromkeys(get_attributes(row).values())
    return truncate(row.get("caption") or " · ".join(texts) or Path(row["path"]).name)


def describe_attributes(row: Mapping[Hashable, Any]) -> str:
    """Return a product's attributes in one line, without its name."""
    texts = dict.fromkeys(get_attributes(row).values())
    return " · ".join(text for text in texts if text != get_name(row))


def get_attributes(row: Mapping[Hashable, Any]) -> dict[str, str]:
    """Return a product's short texts by column, the category first."""
    texts = {"category": row["category"], **{str(name): text for name, text in row.items()}}
    selected = {
        name: text
        for name, text in texts.items()
        if name not in HIDDEN_COLUMNS and isinstance(text, str) and 0 < len(text) <= 30
    }
    return selected | ({"copies": f"{row['copies']} identical files"} if row["copies"] > 1 else {})


def make_data_url(content: bytes, kind: str = "webp") -> str:
    """Return a data URL with the content of a picture."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
