"""Every table as a file, and the figures' own JSON."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.measures.metrics.schema import Metrics, to_json
from similarity.ui.measure.agree import agreed
from similarity.ui.measure.attributes import differences, figures
from similarity.ui.measure.categories import confused
from similarity.ui.measure.costs import costs, words
from similarity.ui.measure.hubs import hubs
from similarity.ui.shared.spreadsheet import csv


def show_export(catalogue: Catalogue, found: Metrics) -> None:
    """A menu of downloads."""
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "figures": lambda: figures(found),
        "differences": lambda: differences(found),
        "categories": lambda: confused(catalogue.generation.pointer, catalogue),
        "words": lambda: words(found),
        "agreement": lambda: agreed(found),
        "costs": lambda: costs(found),
        "hubs": lambda: hubs(found),
    }
    with st.popover("Export", icon=":material/download:"):
        for name, table in tables.items():
            st.download_button(
                f"{name.capitalize()}, CSV",
                partial(_made, table),
                f"{catalogue.name}-{name}.csv",
                "text/csv",
                on_click="ignore",
                type="tertiary",
            )
        st.download_button(
            "All figures, JSON",
            lambda: to_json(found),
            f"{catalogue.name}-metrics.json",
            "application/json",
            on_click="ignore",
            type="tertiary",
        )


def _made(table: Callable[[], pd.DataFrame]) -> str:
    """A file that is made when it is asked for, not whenever the page runs."""
    return csv(table())
