"""Open a product or text on Compare from another page."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.ui.shared import query as url


def request_compare(value: str, methods: str, kind: str = "product") -> None:
    """Request that a product or text is opened with these methods ('a' or 'a,b').

    Callbacks can't change the page; `follow_request` does.
    """
    st.session_state["opened"] = kind, value, methods


def follow_request(catalogue: Catalogue) -> None:
    """Go to Compare if that was requested just now."""
    if request := st.session_state.pop("opened", None):
        kind, value, methods = request
        parameter = "text_methods" if kind == "text" else "methods"
        changes = {"catalogue": catalogue.name, kind: value, parameter: methods}
        # The current settings go along, for the browser's back button and for returning.
        shared = url.get_shared_parameters().items()
        parameters = {name: values for name, values in shared if name not in url.OF_QUERY}
        st.switch_page("compare.py", query_params={**parameters, **changes})
