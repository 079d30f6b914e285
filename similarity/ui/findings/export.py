"""Downloads of a board: the report, a table of the results, and a picture of one finding."""

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.text import truncate
from similarity.findings.boards import Boards
from similarity.findings.finding import Finding
from similarity.findings.report.grids import draw_grids
from similarity.findings.report.html import write_report
from similarity.findings.report.table import tabulate_results
from similarity.store.paths import make_name
from similarity.ui.shared import query as url
from similarity.ui.shared.spreadsheet import to_csv

MAX_TITLE = 60  # characters in the list of findings


def show_export(catalogue: Catalogue, board: str, findings: Sequence[Finding]) -> None:
    """Show a menu of downloads. Files are made when they are asked for."""
    name = f"{catalogue.name}-{make_name(board)}"
    with_grids = [finding for finding in findings if finding.content.grids]
    with st.popover("Export", icon=":material/download:"):
        _show_download(
            "Report, HTML",
            lambda: write_report(catalogue, board, datetime.now()),
            f"{name}.html",
            "text/html",
        )
        st.caption("One file that opens anywhere, without a network. It can be printed.")
        if not with_grids:
            return
        _show_download(
            "Results, CSV", lambda: to_csv(tabulate_results(findings)), f"{name}.csv", "text/csv"
        )
        st.divider()
        key = url.widget_key("finding", [finding.number for finding in with_grids])
        finding = st.selectbox(
            "Grids of one finding",
            with_grids,
            format_func=lambda each: truncate(each.title, MAX_TITLE),
            key=key,
        )
        _show_download(
            "Grids, PNG",
            lambda: draw_grids(Boards(catalogue.folder), finding),
            f"{name}-{findings.index(finding) + 1}.png",
            "image/png",
        )


def _show_download(label: str, make: Callable[[], str | bytes], name: str, kind: str) -> None:
    st.download_button(label, make, name, kind, on_click="ignore", type="tertiary")
