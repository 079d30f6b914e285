"""Which models are in memory, and why."""

import pandas as pd
import streamlit as st

from similarity.display.text import format_count, format_megabytes
from similarity.networks import LIMIT, get_limit, networks
from similarity.ui.shared.headings import show_heading

MINUTE = 60  # s


def show_loaded() -> None:
    """Show the loaded networks with their size, the methods that need them, and their last use."""
    loaded, limit = networks.describe_loaded(), get_limit()
    total = format_megabytes(sum(network.size for network in loaded))
    count = format_count(len(loaded), "model takes", "models take")
    sentence = (
        f"{count} {total} of the {format_megabytes(limit)} that models may take."
        if loaded
        else f"No model is loaded. Models may take {format_megabytes(limit)}."
    )
    show_heading(
        "Which models are loaded?",
        "loaded",
        sentence,
        [
            "A product of the catalogue is compared by its stored vectors, without a model. Models "
            "are loaded for texts, uploads and changed pictures, and some of them in advance while "
            "nobody clicks.",
            "When the limit is reached, the model that was not used for longest goes first. The "
            f"limit is a quarter of the machine's memory, or `{LIMIT}` in megabytes.",
        ],
    )
    if loaded:
        rows = [
            {
                "Used by": ", ".join(network.methods),
                "Model": network.name,
                "Memory": format_megabytes(network.size),
                "Last used": describe_idle_time(network.idle),
            }
            for network in loaded
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def describe_idle_time(seconds: float) -> str:
    """Return how long ago something was used."""
    if seconds < MINUTE:
        return "just now"
    return format_count(round(seconds / MINUTE), "minute ago", "minutes ago")
