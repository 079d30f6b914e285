"""One streamlit component for every grid of clickable pictures."""

import base64
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import streamlit as st

from similarity.catalogue import OURS
from similarity.ui.plain import cut
from similarity.ui.thumbnails import thumbnail_url

HERE = Path(__file__).parent
HIDDEN = {*OURS, "caption", "category"}  # not listed as attributes under a picture

# Registered once, when the module is imported.
_gallery = st.components.v2.component(
    "similarity_gallery",
    html='<div class="gallery"></div>',
    css=(HERE / "gallery.css").read_text(encoding="utf-8"),
    js=(HERE / "gallery.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Picture:
    """A cell: what is shown, said to a screen reader, and sent back when it is picked."""

    id: str
    src: str
    alt: str
    note: str = ""
    rank: str = ""
    score: str = ""


@dataclass(frozen=True)
class Column:
    """A grid of pictures under a heading; a message stands in for pictures that can't be had."""

    key: str
    pictures: Sequence[Picture] = ()
    title: str = ""
    family: str = ""
    about: str = ""
    weights: str = ""
    licence: str = ""
    time: str = ""
    message: str = ""
    failed: bool = False


def gallery(
    key: str,
    columns: Sequence[Column],
    layout: Literal["columns", "strip", "query"],
    selected: str = "",
    on_pick: Callable[[str], None] | None = None,
) -> None:
    """Show columns of pictures; `on_pick` gets the id of a picture that is clicked."""

    def picked() -> None:
        product = st.session_state[key].get("picked")
        if on_pick and isinstance(product, str):
            on_pick(product)

    data = {
        "layout": layout,
        "selected": selected,
        "columns": [asdict(column) for column in columns],
    }
    _gallery(key=key, data=data, on_picked_change=picked)


def pictures(catalogue: str, products: pd.DataFrame, ids: Sequence[str]) -> list[Picture]:
    """The cells of products, in the order of their ids."""
    rows = products.loc[list(ids)].to_dict("records")  # one look-up for all: pandas' are slow
    return [
        Picture(
            id=product,
            src=thumbnail_url(catalogue, product),
            alt=cut(row.get("caption") or note_of(row)),
            note=note_of(row),
        )
        for product, row in zip(ids, rows, strict=True)
    ]


def note_of(row: Mapping[Hashable, Any]) -> str:
    """A product's attributes in one line: its category first, captions and long texts left out."""
    values = [row["category"], *(value for name, value in row.items() if name not in HIDDEN)]
    shown = [value for value in values if isinstance(value, str) and 0 < len(value) <= 30]
    copies = [f"{row['copies']} identical files"] if row["copies"] > 1 else []
    return " · ".join([*dict.fromkeys(shown), *copies])


def own_picture(thumbnail: bytes, name: str) -> Picture:
    """The cell of a visitor's own picture, which has no address."""
    encoded = base64.b64encode(thumbnail).decode()
    return Picture(id="", src=f"data:image/webp;base64,{encoded}", alt=cut(name), note=cut(name))
