"""Downloads of a decision: its table, and the folder that production runs."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import PRECOMPUTE, explain_error
from similarity.decisions.decision import Decision
from similarity.display.decision import COLUMNS, tabulate_decision
from similarity.errors import SimilarityError
from similarity.handover.archive import is_small, make_archive
from similarity.handover.networks import list_obstacles
from similarity.ui.shared import query as url
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.shared.spreadsheet import to_csv

PREPARED = "handover"  # in the session's state: the last folder, and what it was made of


def show_export(catalogue: Catalogue, decision: Decision, titles: Mapping[str, str]) -> None:
    """Show a menu with the table, and with the folder of a method that remains."""
    with st.popover("Export", icon=":material/download:"):
        table = pd.DataFrame(tabulate_decision(decision, titles), columns=list(COLUMNS))
        st.download_button(
            "Decision, CSV",
            partial(to_csv, table),
            f"{catalogue.name}-decision.csv",
            "text/csv",
            on_click="ignore",
            type="tertiary",
        )
        if not decision.remaining:
            return
        st.divider()
        st.markdown("**Folder for production**")
        key = url.widget_key("handover", decision.remaining)
        default = decision.choice or next(iter(decision.leaders), decision.remaining[0])
        method = st.selectbox(
            "Method",
            decision.remaining,
            index=decision.remaining.index(default),
            format_func=titles.__getitem__,
            key=key,
        )
        _show_folder(catalogue, decision, method)


def _show_folder(catalogue: Catalogue, decision: Decision, key: str) -> None:
    method = decision.methods[key]
    st.caption(
        "Vectors, loaders for five databases, code that embeds new pictures without this app, and "
        "a check that repeats stored searches."
    )
    for obstacle in list_obstacles(method):
        st.caption(escape(f"Without its network: {obstacle}."))
    if is_small(catalogue, method):
        identity = catalogue.generation.pointer, key, decision.question
        if st.button("Prepare the folder", icon=":material/inventory_2:"):
            bar = st.progress(0.0, "Preparing")
            try:
                content = make_archive(
                    catalogue,
                    key,
                    decision.question,
                    lambda text, done, total: bar.progress(done / max(total, 1), text),
                )
                st.session_state[PREPARED] = identity, content
            except (SimilarityError, OSError) as error:
                show_error("The folder can't be made.", explain_error(error))
            finally:
                bar.empty()
        prepared, content = st.session_state.get(PREPARED, (None, b""))
        if prepared == identity:
            st.download_button(
                f"Download, ZIP, {len(content) / 1e6:,.0f} MB",
                content,
                f"{catalogue.name}-{key}.zip",
                "application/zip",
                on_click="ignore",
                type="primary",
            )
        st.caption("Or on the command line:")
    command = f"{PRECOMPUTE} handover {catalogue.name} --method {key} --to {key}-for-production"
    st.code(command, language="bash", wrap_lines=True)
