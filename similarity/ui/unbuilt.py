"""The methods that are known but not built here, greyed, with the commands that get them."""

from collections.abc import Sequence

import streamlit as st

from similarity.methods import METHODS
from similarity.search import Catalogue
from similarity.ui.plain import plain


def build_lines(catalogue: Catalogue, keys: Sequence[str]) -> str:
    """What to type to have these methods here, a command a line: published ones are fetched."""
    fetch = [key for key in keys if METHODS[key].published]
    lines = [f"python -m precompute fetch {' '.join(fetch)}"] if fetch else []
    return "\n".join([*lines, catalogue.build_command(",".join(keys))])


def show_unbuilt(catalogue: Catalogue) -> None:
    """A line a method, and below them what to type; nothing where all are built."""
    missing = {key: method for key, method in METHODS.items() if key not in catalogue.methods}
    if not missing:
        return
    st.subheader("Not built here")
    for method in missing.values():
        said = f"{plain(method.title)} · {plain(method.family)}. {plain(method.weights)}"
        st.markdown(f":gray[{said} Licence: {plain(method.licence)}.]")
    st.code(build_lines(catalogue, list(missing)), language="bash", wrap_lines=True)
