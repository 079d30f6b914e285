"""What a page shows lives in the URL: reload, share and the back button work by that alone.

Widgets are set from the URL before they are drawn, and write to it when a person changes them.
"""

from dataclasses import dataclass
from typing import Literal, TypeVar

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.embedding import LONGEST_TEXT
from similarity.errors import SimilarityError
from similarity.ui.shared import own_pictures
from similarity.ui.shared.own_pictures import OwnPicture

T = TypeVar("T")

KINDS = ("product", "text", "picture")  # the URL holds one of these
SECRETS = ("vote", "host")  # a vote's own, which no other page is told


@dataclass(frozen=True)
class Query:
    """What is asked: one of a product of the catalogue, a text, a picture of one's own."""

    kind: Literal["product", "text", "picture"]
    value: str
    own: OwnPicture | None = None


def enter(page: str) -> None:
    """Begin a page. Who comes from another one of ours finds what they asked and set there."""
    before, st.session_state["page"] = st.session_state.get("page", page), page
    if before != page and not st.query_params:
        st.query_params.from_dict(st.session_state["parameters"])
    asked = st.query_params.to_dict()
    st.session_state["parameters"] = {k: v for k, v in asked.items() if k not in SECRETS}


def key(name: str, shape: object = "") -> str:
    """A widget's key: each page has its own, and so has each `shape` of it, such as its options.

    Streamlit would take a widget of the same key and other options for a new one, and both forget
    what it was set to and remember what the browser still says of the old one.
    """
    return f"{st.session_state.get('page', 'page')}.{name}{f' of {shape}' if shape else ''}"


def put(**changes: str | None) -> None:
    """Change the URL in one step of the browser's history; None takes a parameter away."""
    kept = {key: value for key, value in st.query_params.items() if key not in changes}
    new = {key: value for key, value in changes.items() if value is not None}
    st.query_params.from_dict(kept | new)


def number(name: str, default: int) -> int:
    """A whole number of the URL from 0, or the default for anything else."""
    asked = st.query_params.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else default


def seed(widget: str, value: T) -> T:
    """Set a widget to what the URL says, if it is not already; and the same, for its default.

    Setting it needlessly would overwrite what a person is typing at this moment. Where two runs
    follow each other closely, the browser may be told of the second alone, which sets nothing: it
    then takes the default, and says so as if a person had chosen it.
    """
    if widget not in st.session_state or st.session_state[widget] != value:
        st.session_state[widget] = value
    return value


def ask(kind: str, value: str, **more: str) -> None:
    """Make this the query; the browser's back button leads to the one before.

    `more` are parameters that hold for this query alone.
    """
    put(**dict.fromkeys((*KINDS, "differ")) | {kind: value} | more)


def current(catalogue: Catalogue, default: str) -> tuple[Query, str]:
    """The query that the URL asks for, and a remark if it can't be had; `default` is a product."""
    asked = {kind: st.query_params[kind] for kind in KINDS if kind in st.query_params}
    if "text" in asked and asked["text"].strip():
        return Query("text", asked["text"].strip()[:LONGEST_TEXT]), ""
    if "picture" in asked:
        own = own_pictures.find(asked["picture"])
        if own is not None:
            return Query("picture", own.id, own), ""
        return Query("product", default), (
            "This address asks for a picture that only the person who dropped it had, and that is "
            "gone by now. Drop it here again, or go on with a product of the catalogue."
        )
    if "product" in asked:
        try:
            catalogue.position(asked["product"])
            return Query("product", asked["product"]), ""
        except SimilarityError:
            return Query("product", default), (
                "This catalogue has no such product as this address asks for. Here is another one."
            )
    return Query("product", default), ""
