"""What parts of the Measure page share."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.methods import METHODS
from similarity.ui.headings import explained
from similarity.ui.plain import plain

PARTS = {  # titles by anchors
    "what": "Which method sees what",
    "differ": "Where they differ",
    "categories": "Category by category",
    "agree": "Who agrees",
    "words": "Found by words",
    "cost": "Speed and size",
    "hubs": "What comes up again and again",
}
FORMULAS = "=+-@\t\r"  # what a spreadsheet would compute instead of showing


def heading(anchor: str, says: str, facts: Sequence[str]) -> None:
    """A part's heading, what it says in a sentence, and behind a button what its figures are."""
    explained(PARTS[anchor], anchor, says, facts)


def titles(keys: Sequence[str]) -> dict[str, str]:
    """What methods are called, by key."""
    return {key: METHODS[key].title for key in keys}


def labels(catalogue: Catalogue, keys: Sequence[str]) -> dict[str, str]:
    """With what labels of products methods were trained, by key, of those that were."""
    found = {key: catalogue.described(key).labels for key in keys}
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


def csv(table: pd.DataFrame) -> str:
    """A table as a file for spreadsheets, in which every text is a text."""
    safe = table.copy()
    for name in safe.select_dtypes(exclude="number"):
        safe[name] = [
            f"'{text}" if isinstance(text, str) and text.startswith(tuple(FORMULAS)) else text
            for text in safe[name]
        ]
    return safe.to_csv(index=False)
