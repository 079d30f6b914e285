"""Methods that a text query could be compared by in addition."""

from collections.abc import Sequence

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.methods import Method
from similarity.ui.shared import query as url
from similarity.ui.shared.missing_methods import show_commands_button
from similarity.ui.shared.pickers import list_text_methods
from similarity.ui.shared.plain import escape


def show_text_methods(catalogue: Catalogue, methods: Sequence[Method]) -> None:
    """Show a button for each method that can search by text and is not among `methods`."""
    available = list_text_methods(catalogue)
    if not available:
        st.info("None of the installed methods can search by text.")
        show_commands_button("query")
    selected = [method.key for method in methods]

    def add(key: str) -> None:
        keys = [other for other in available if other in selected or other == key]
        url.update_url(text_methods=",".join(keys))

    for key in available:
        if key not in selected:
            st.button(
                escape(f"Add {catalogue.registry[key].title}"),
                key=url.widget_key(f"add {key}"),
                icon=":material/add:",
                on_click=add,
                args=(key,),
            )
