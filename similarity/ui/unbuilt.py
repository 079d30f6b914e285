"""The methods that are known but not built here, greyed, with the commands that get them."""

import streamlit as st

from similarity.methods import METHODS
from similarity.search import Catalogue
from similarity.ui.plain import plain


def show_unbuilt(catalogue: Catalogue) -> None:
    """A line a method, and below them what to type; nothing where all are built."""
    missing = {key: method for key, method in METHODS.items() if key not in catalogue.methods}
    if not missing:
        return
    st.subheader("Not built here")
    for method in missing.values():
        said = f"{plain(method.title)} · {plain(method.family)}. {plain(method.weights)}"
        st.markdown(f":gray[{said} Licence: {plain(method.licence)}.]")
    fetch = [key for key, method in missing.items() if method.published]
    lines = [f"python -m precompute fetch {' '.join(fetch)}"] if fetch else []
    lines.append(catalogue.build_command(",".join(missing)))
    st.code("\n".join(lines), language="bash", wrap_lines=True)
