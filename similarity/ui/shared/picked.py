"""From a picture on another page to Compare."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.ui.shared import query as url


def open_on_compare(value: str, methods: str, kind: str = "product") -> None:
    """Remember that this product, or text, shall be opened by these methods ('a' or 'a,b').

    For callbacks, which can't change the page: `follow` does.
    """
    st.session_state["opened"] = kind, value, methods


def follow(catalogue: Catalogue) -> None:
    """Go to Compare if that was asked for just now."""
    if opened := st.session_state.pop("opened", None):
        kind, value, methods = opened
        asked = {"catalogue": catalogue.name, kind: value, "methods": methods}
        # What was set here goes along: the browser's back button finds it, and so does who returns.
        gone = (*url.KINDS, *url.SECRETS, "differ")
        kept = {k: v for k, v in st.query_params.items() if k not in gone}
        st.switch_page("compare.py", query_params=kept | asked)
