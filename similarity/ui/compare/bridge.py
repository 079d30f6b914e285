"""Let methods that can't read words take part in a query with words."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.methods import Method
from similarity.ui.shared import query as url
from similarity.ui.shared.pickers import list_text_methods
from similarity.ui.shared.plain import escape

PARAMETER = "bridge"  # in the URL: the method whose best result stands in for words


def get_bridge(catalogue: Catalogue) -> Method | None:
    """Return the method whose best result stands in for words, or None."""
    key = st.query_params.get(PARAMETER, "")
    return catalogue.resolve_method_for_display(key) if key in _list_bridges(catalogue) else None


def pick_bridge(catalogue: Catalogue) -> None:
    """Let the visitor choose that method, if some methods can't read words; none by default."""
    bridges = _list_bridges(catalogue)
    if not bridges:
        return
    options = ["", *bridges]
    bridge = get_bridge(catalogue)
    key = url.widget_key(PARAMETER, options)
    st.selectbox(
        "Methods that can't read words",
        options,
        options.index(url.set_widget(key, bridge.key if bridge else "")),
        format_func=lambda option: (
            escape(f"search with {catalogue.registry[option].title}'s best result")
            if option
            else "are left out"
        ),
        key=key,
        on_change=lambda: url.update_url(**{PARAMETER: st.session_state[key] or None}),
        help="The best result of a method that reads words stands in for the words. What comes "
        "then depends on that method as well, so it is no fair comparison.",
    )


def _list_bridges(catalogue: Catalogue) -> list[str]:
    """Return the methods that can stand in, if there are any for which they could."""
    readers = list_text_methods(catalogue)
    return readers if len(readers) < len(catalogue.methods) else []
