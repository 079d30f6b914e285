"""What methods are called, and the sign of those that were trained with labels."""

from collections.abc import Sequence

import streamlit as st

from similarity.methods import METHODS
from similarity.ui.shared.plain import plain


def titles(keys: Sequence[str]) -> dict[str, str]:
    """What methods are called, by key."""
    return {key: METHODS[key].title for key in keys}


def labels(keys: Sequence[str]) -> dict[str, str]:
    """With what labels of products methods were trained, by key, of those that were."""
    found = {key: METHODS[key].labels for key in keys}
    return {key: said for key, said in found.items() if said}


def marked(title: str, taught: bool) -> str:
    """A method's title, with the sign of one that was trained with labels of products."""
    return f"{title} ◇" if taught else title


def show_taught(taught: dict[str, str]) -> None:
    """What the sign stands for."""
    if taught:
        said = "; ".join(f"{METHODS[key].title} with {labels}" for key, labels in taught.items())
        st.caption(
            plain(f"◇ Trained with labels of products: {said}. Its figures are no fair win.")
        )
