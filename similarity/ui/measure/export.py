"""Every table as a file, and the figures' own JSON."""

import streamlit as st

from similarity.measures.metrics import Metrics, to_json
from similarity.search import Catalogue
from similarity.ui.measure.agree import agreed
from similarity.ui.measure.attributes import differences, figures
from similarity.ui.measure.categories import confused
from similarity.ui.measure.costs import costs, words
from similarity.ui.measure.hubs import hubs
from similarity.ui.measure.part import csv


def show_export(catalogue: Catalogue, found: Metrics) -> None:
    """A menu of downloads."""
    confusions = confused(catalogue.generation.pointer, catalogue)
    tables = {
        "figures": figures(found),
        "differences": differences(found),
        "categories": confusions,
        "words": words(found),
        "agreement": agreed(found),
        "costs": costs(found),
        "hubs": hubs(found),
    }
    with st.popover("Export", icon=":material/download:"):
        for name, table in tables.items():
            if len(table):
                st.download_button(
                    f"{name.capitalize()}, CSV",
                    csv(table),
                    f"{catalogue.name}-{name}.csv",
                    "text/csv",
                    on_click="ignore",
                    type="tertiary",
                )
        st.download_button(
            "All figures, JSON",
            to_json(found),
            f"{catalogue.name}-metrics.json",
            "application/json",
            on_click="ignore",
            type="tertiary",
        )
