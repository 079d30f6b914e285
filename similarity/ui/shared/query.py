"""The state of a page in its URL, so that reload, sharing and the back button work.

Widgets are set from the URL before they are drawn, and update it when a visitor changes them.
"""

from dataclasses import dataclass
from typing import Literal, TypeVar

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.embedding import LONGEST_TEXT
from similarity.errors import SimilarityError
from similarity.ui.shared import uploads
from similarity.ui.shared.uploads import Upload

T = TypeVar("T")

KINDS = ("product", "text", "picture")  # the URL contains one of these
SECRET_PARAMETERS = ("vote", "host")  # of a vote; never passed to other pages


@dataclass(frozen=True)
class Query:
    """A query: a product of the catalogue, a text, or an uploaded picture."""

    kind: Literal["product", "text", "picture"]
    value: str
    upload: Upload | None = None


def enter_page(page: str) -> None:
    """Start a page. Visitors from another page keep their query and settings."""
    previous, st.session_state["page"] = st.session_state.get("page", page), page
    if previous != page and not st.query_params:
        st.query_params.from_dict(st.session_state["parameters"])
    st.session_state["parameters"] = get_shared_parameters()


def get_shared_parameters() -> dict[str, str]:
    """Return the URL's parameters for a link to another page: all but the secrets of a vote.

    Without them, the other page would restore them in a second step of the browser's history.
    """
    parameters = st.query_params.to_dict()
    return {name: text for name, text in parameters.items() if name not in SECRET_PARAMETERS}


def widget_key(name: str, shape: object = "") -> str:
    """Return a widget's key, unique per page and per `shape`, such as its options.

    Streamlit treats a widget with the same key and other options as a new one, but keeps the
    browser's state of the old one.
    """
    return f"{st.session_state.get('page', 'page')}.{name}{f' of {shape}' if shape else ''}"


def update_url(**changes: str | None) -> None:
    """Change the URL in one step of the browser's history; None removes a parameter."""
    unchanged = {key: value for key, value in st.query_params.items() if key not in changes}
    updated = {key: value for key, value in changes.items() if value is not None}
    st.query_params.from_dict(unchanged | updated)


def get_number(name: str, default: int) -> int:
    """Return a non-negative integer from the URL, or the default for anything else."""
    text = st.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default


def set_widget(widget: str, value: T) -> T:
    """Set a widget to the URL's value unless it already has it, and return the value.

    Setting it needlessly would overwrite what a visitor is typing. If two runs follow each other
    closely, the browser may only get the second one, which sets nothing, and use the widget's
    default as if the visitor had chosen it; callers therefore pass the return value as the default.
    """
    if widget not in st.session_state or st.session_state[widget] != value:
        st.session_state[widget] = value
    return value


def set_query(kind: str, value: str, **parameters: str) -> None:
    """Set the query; the browser's back button leads to the previous one.

    `parameters` only apply to this query.
    """
    update_url(**dict.fromkeys((*KINDS, "differ")) | {kind: value} | parameters)


def get_query(catalogue: Catalogue, default: str) -> tuple[Query, str]:
    """Return the query in the URL, and a remark if it isn't available; `default` is a product."""
    requested = {kind: st.query_params[kind] for kind in KINDS if kind in st.query_params}
    if "text" in requested and requested["text"].strip():
        return Query("text", requested["text"].strip()[:LONGEST_TEXT]), ""
    if "picture" in requested:
        upload = uploads.find_picture(requested["picture"])
        if upload is not None:
            return Query("picture", upload.id, upload), ""
        return Query("product", default), (
            "Uploads aren't kept in links. Please upload the picture again."
        )
    if "product" in requested:
        try:
            catalogue.find_position(requested["product"])
            return Query("product", requested["product"]), ""
        except SimilarityError:
            return Query("product", default), (
                "This product isn't in the catalogue; showing another one."
            )
    return Query("product", default), ""
