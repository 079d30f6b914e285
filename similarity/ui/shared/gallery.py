"""One streamlit component for every grid of clickable pictures, and for the query beside them."""

import base64
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import streamlit as st

from similarity.store.table import OURS
from similarity.ui.shared.component import component
from similarity.ui.shared.plain import cut
from similarity.ui.shared.thumbnails import thumbnail_url

HIDDEN = {*OURS, "caption"}  # not listed as attributes under a picture

_gallery = component(__file__, "gallery.js", "keys.js", "agreement.js")


@dataclass(frozen=True)
class Note:
    """An attribute under a picture; `differs` marks one that is worth a look."""

    text: str
    differs: bool = False


@dataclass(frozen=True)
class Picture:
    """A cell: what is shown, said to a screen reader, and sent back when it is picked.

    `near` says how near that score is, `percent` in short; a `weak` match is faded. `found` says
    how many of the columns have the picture, `only` that it is this one alone, and `elsewhere` its
    ranks in the others.
    """

    id: str
    src: str
    alt: str
    notes: Sequence[Note] = ()
    rank: str = ""
    score: str = ""
    near: str = ""
    percent: str = ""
    weak: bool = False
    found: str = ""
    only: bool = False
    elsewhere: str = ""


@dataclass(frozen=True)
class Column:
    """A grid of pictures under a heading; a message stands above them or in their place.

    `label` names a grid without a heading to a screen reader. `facts` stand behind the heading's
    (i). `same` says how many of the pictures are in the `category`, `taught` that the method was
    trained with such labels, `finds` how much of the exact answer a search finds, `alone` how many
    no other column has. `headline` is what matters most of the answer, if one thing does. `turn`
    stands above the first of several weak pictures, and `turn_short` where there is little room.
    """

    key: str
    pictures: Sequence[Picture] = ()
    label: str = ""
    title: str = ""
    family: str = ""
    about: str = ""
    facts: Sequence[str] = ()
    time: str = ""
    headline: str = ""
    finds: str = ""
    same: str = ""
    taught: str = ""
    category: str = ""
    alone: str = ""
    message: str = ""
    failed: bool = False
    turn: str = "weak matches from here on"
    turn_short: str = "weak from here"


@dataclass(frozen=True)
class Pair:
    """How far two columns, named by their keys, agree; `facts` say what the figures are."""

    one: str
    other: str
    title: str
    shared: int
    k: int
    biased: str
    facts: Sequence[str]


@dataclass(frozen=True)
class Agreement:
    """The row above columns: each two of them, and a remark.

    `differ` is on a button that leads to where they differ, if there is one; it says more `about`.
    """

    pairs: Sequence[Pair] = ()
    remark: str = ""
    differ: str = ""
    about: str = ""


@dataclass(frozen=True)
class Asked:
    """The query as it is shown: in words and, unless it is words, as a picture."""

    lead: str
    text: str
    more: str = ""
    src: str = ""


def show_asked(key: str, query: Asked, link: str) -> None:
    """Show the query, and a button that copies `link`, an address on this host, if there is one."""
    _gallery(key=key, data={"layout": "query", "query": asdict(query), "link": link})


def gallery(
    key: str,
    columns: Sequence[Column],
    layout: Literal["columns", "strip"],
    *,
    selected: str = "",
    said: str = "",
    agreement: Agreement | None = None,
    on_pick: Callable[[str], None],
    on_look: Callable[[str, str], None] | None = None,
    on_differ: Callable[[], None] | None = None,
) -> None:
    """Show columns of pictures.

    `on_pick` gets the id of a picture that is clicked, `on_look` the key of the column and the id
    of one that is to be shown large; `on_differ` is called where they shall differ most. `said` is
    told to a screen reader when it changes.
    """

    def picked() -> None:
        product = st.session_state[key].get("picked")
        if isinstance(product, str):
            on_pick(product)

    def looked() -> None:
        match st.session_state[key].get("looked"):
            case [str(column), str(product)] if on_look:
                on_look(column, product)

    def differed() -> None:
        if st.session_state[key].get("differed") and on_differ:
            on_differ()

    data = {
        "layout": layout,
        "selected": selected,
        "said": said,
        "columns": [asdict(column) for column in columns],
        "agreement": asdict(agreement) if agreement else None,
    }
    _gallery(
        key=key,
        data=data,
        on_picked_change=picked,
        on_looked_change=looked,
        on_differed_change=differed,
    )


def pictures(
    catalogue: str,
    products: pd.DataFrame,
    ids: Sequence[str],
    query: Mapping[str, str] | None = None,
) -> list[Picture]:
    """The cells of products, in the order of their ids.

    Only those of their attributes are noted that differ from the `query`'s, where it has any.
    """
    rows = products.loc[list(ids)].to_dict("records")  # one look-up for all: pandas' are slow
    return [
        Picture(
            id=product,
            src=thumbnail_url(catalogue, product),
            alt=name_of(row),
            notes=differences(attributes(row), query or {}),
        )
        for product, row in zip(ids, rows, strict=True)
    ]


def differences(of: Mapping[str, str], query: Mapping[str, str]) -> list[Note]:
    """The attributes that are not the query's; another category is marked."""
    notes: dict[str, Note] = {}  # by text: what two columns say is said once
    for name, text in of.items():
        if query.get(name) != text:
            notes.setdefault(text, Note(text, differs=name == "category" and name in query))
    return list(notes.values())


def name_of(row: Mapping[Hashable, Any]) -> str:
    """A product's caption; else its attributes; else its file's name."""
    texts = dict.fromkeys(attributes(row).values())
    return cut(row.get("caption") or " · ".join(texts) or Path(row["path"]).name)


def more_of(row: Mapping[Hashable, Any]) -> str:
    """What else a product's attributes tell, in one line."""
    texts = dict.fromkeys(attributes(row).values())
    return " · ".join(text for text in texts if text != name_of(row))


def attributes(row: Mapping[Hashable, Any]) -> dict[str, str]:
    """A product's short texts by the names of their columns, the category first."""
    named = {"category": row["category"], **{str(name): text for name, text in row.items()}}
    shown = {
        name: text
        for name, text in named.items()
        if name not in HIDDEN and isinstance(text, str) and 0 < len(text) <= 30
    }
    return shown | ({"copies": f"{row['copies']} identical files"} if row["copies"] > 1 else {})


def inline(content: bytes, kind: str = "webp") -> str:
    """The address of a picture that has none but itself, from its file's content."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
