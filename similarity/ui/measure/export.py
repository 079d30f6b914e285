"""Downloads of every table as CSV, and of all figures as JSON."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from similarity.measures.metrics.schema import Metrics, to_json
from similarity.ui.measure.agreement import tabulate_agreement
from similarity.ui.measure.attributes import tabulate_differences, tabulate_figures
from similarity.ui.measure.combined import tabulate_combined
from similarity.ui.measure.costs import tabulate_costs, tabulate_words
from similarity.ui.measure.hubs import tabulate_hubs
from similarity.ui.shared.spreadsheet import to_csv


def show_export(
    name: str,
    metrics: Metrics,
    scorecard: Callable[[], pd.DataFrame],
    confusion: Callable[[], pd.DataFrame],
) -> None:
    """Show a menu of downloads, whose files begin with a name.

    `scorecard` and `confusion` return these tables.
    """
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "scorecard": scorecard,
        "figures": lambda: tabulate_figures(metrics),
        "differences": lambda: tabulate_differences(metrics),
        "categories": confusion,
        "words": lambda: tabulate_words(metrics),
        "combined": lambda: tabulate_combined(metrics),
        "agreement": lambda: tabulate_agreement(metrics),
        "costs": lambda: tabulate_costs(metrics),
        "hubs": lambda: tabulate_hubs(metrics),
    }
    with st.popover("Export", icon=":material/download:"):
        for table_name, table in tables.items():
            st.download_button(
                f"{table_name.capitalize()}, CSV",
                partial(_make_csv, table),
                f"{name}-{table_name}.csv",
                "text/csv",
                on_click="ignore",
                type="tertiary",
            )
        st.download_button(
            "All figures, JSON",
            lambda: to_json(metrics),
            f"{name}-metrics.json",
            "application/json",
            on_click="ignore",
            type="tertiary",
        )


def _make_csv(table: Callable[[], pd.DataFrame]) -> str:
    """Return a table as CSV; called for a download, not on every run of the page."""
    return to_csv(table())
