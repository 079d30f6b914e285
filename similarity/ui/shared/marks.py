"""Titles of methods, and the mark of those trained with product labels."""

from collections.abc import Mapping, Sequence

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.ui.shared.plain import escape


def get_titles(catalogue: Catalogue, keys: Sequence[str]) -> dict[str, str]:
    """Return the titles of methods by key."""
    return {key: catalogue.registry[key].title for key in keys}


def get_training_labels(catalogue: Catalogue, keys: Sequence[str]) -> dict[str, str]:
    """Return the product labels that methods were trained with, by key, without the others."""
    labels_by_method = {key: catalogue.registry[key].training_labels for key in keys}
    return {key: text for key, text in labels_by_method.items() if text}


def mark_titles(
    catalogue: Catalogue, keys: Sequence[str], labels: Mapping[str, str]
) -> dict[str, str]:
    """Return the titles of methods by key, with a mark on those that are in `labels`."""
    return {
        key: f"{title}*" if key in labels else title
        for key, title in get_titles(catalogue, keys).items()
    }


def show_labels_note(catalogue: Catalogue, labels_by_method: Mapping[str, str]) -> None:
    """Explain the mark."""
    if labels_by_method:
        methods = "; ".join(
            f"{catalogue.registry[key].title} on {labels}"
            for key, labels in labels_by_method.items()
        )
        st.caption(escape(f"* Trained on these labels; not a fair comparison: {methods}."))
