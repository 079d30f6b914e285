"""Grey cells where the first results will be. page.css hides them once there is anything else."""

import streamlit as st

from similarity.ui.shared.pickers import DEFAULT_K, DEFAULT_METHODS

CELLS = "<i></i>" * DEFAULT_K
COLUMNS = f"<section><b></b><div>{CELLS}</div></section>" * DEFAULT_METHODS


def show_skeleton() -> None:
    """Show grey cells until the results are there."""
    st.html(f'<div class="skeleton" role="status" aria-label="Searching">{COLUMNS}</div>')
