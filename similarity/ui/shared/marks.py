"""Explain the mark of methods trained with product labels."""

from collections.abc import Mapping

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.ui.shared.plain import escape


def show_labels_note(catalogue: Catalogue, labels_by_method: Mapping[str, str]) -> None:
    """Explain the mark."""
    if labels_by_method:
        methods = "; ".join(
            f"{catalogue.registry[key].title} on {labels}"
            for key, labels in labels_by_method.items()
        )
        st.caption(escape(f"* Trained on these labels; not a fair comparison: {methods}."))
