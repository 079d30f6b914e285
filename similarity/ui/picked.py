"""From a picture on another page to Compare."""

import streamlit as st

from similarity.search import Catalogue
from similarity.ui import query as url


def open_on_compare(product: str, methods: str) -> None:
    """Remember that this product shall be opened by these methods ('a' or 'a,b').

    For callbacks, which can't change the page: `follow` does.
    """
    st.session_state["opened"] = product, methods


def follow(catalogue: Catalogue) -> None:
    """Go to Compare if that was asked for just now."""
    if opened := st.session_state.pop("opened", None):
        product, methods = opened
        asked = {"catalogue": catalogue.name, "product": product, "methods": methods}
        # What was set here goes along: the browser's back button finds it, and so does who returns.
        kept = {k: v for k, v in st.query_params.items() if k not in (*url.KINDS, "differ")}
        st.switch_page("compare.py", query_params=kept | asked)
