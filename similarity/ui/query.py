"""What a page shows lives in the URL: reload, share and the back button work by that alone.

Widgets are set from the URL before they are drawn, and write to it when a person changes them.
"""

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from similarity.catalogue import product_id
from similarity.errors import SimilarityError
from similarity.pictures import read_picture, thumbnail
from similarity.search import LONGEST_TEXT, Catalogue

KINDS = ("product", "text", "picture")  # the URL holds one of these
OWN = "own_picture"  # session state: a visitor's picture never leaves the session


@dataclass(frozen=True)
class OwnPicture:
    """A picture that the visitor gave: its content, checked, and a thumbnail of it."""

    id: str
    name: str
    content: bytes
    thumbnail: bytes


@dataclass(frozen=True)
class Query:
    """What is asked: one of a product of the catalogue, a text, a picture of one's own."""

    kind: Literal["product", "text", "picture"]
    value: str
    own: OwnPicture | None = None

    def arguments(self) -> dict[str, str | bytes]:
        """As Catalogue.search takes it."""
        return {"image": self.own.content} if self.own else {self.kind: self.value}


def put(**changes: str | None) -> None:
    """Change the URL in one step of the browser's history; None takes a parameter away."""
    kept = {key: value for key, value in st.query_params.items() if key not in changes}
    new = {key: value for key, value in changes.items() if value is not None}
    st.query_params.from_dict(kept | new)


def seed(key: str, value: Any) -> None:
    """Set a widget to what the URL says, if it is not already.

    Setting it needlessly would overwrite what a person is typing at this moment.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def ask(kind: str, value: str) -> None:
    """Make this the query; the browser's back button leads to the one before."""
    put(**dict.fromkeys(KINDS) | {kind: value})


def ask_own_picture(name: str, content: bytes) -> None:
    """Make a visitor's picture the query. Raises SimilarityError, and changes nothing, if bad."""
    small = thumbnail(read_picture(content))
    own = OwnPicture(product_id(content), name, content, small)
    st.session_state[OWN] = own
    ask("picture", own.id)


def current(catalogue: Catalogue, default: str) -> tuple[Query, str]:
    """The query that the URL asks for, and a remark if it can't be had; `default` is a product."""
    asked = {kind: st.query_params[kind] for kind in KINDS if kind in st.query_params}
    if "text" in asked and asked["text"].strip():
        return Query("text", asked["text"].strip()[:LONGEST_TEXT]), ""
    if "picture" in asked:
        own = st.session_state.get(OWN)
        if own is not None and own.id == asked["picture"]:
            return Query("picture", own.id, own), ""
        return Query("product", default), (
            "This address asks for a picture that stayed with the person who dropped it. "
            "Drop it here again, or go on with a product of the catalogue."
        )
    if "product" in asked:
        try:
            catalogue.position(asked["product"])
            return Query("product", asked["product"]), ""
        except SimilarityError:
            return Query("product", default), (
                f"The catalogue '{catalogue.name}' has no such product as this address asks for. "
                "Here is another one."
            )
    return Query("product", default), ""
