"""Present: a board's findings as slides, without anything around them."""

from contextlib import suppress

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.findings.boards import Boards
from similarity.findings.compose.page import compose_page, refuse_picture
from similarity.findings.content import Content
from similarity.findings.finding import MAX_FINDINGS, Finding
from similarity.findings.fingerprint import compute_finding_fingerprint, list_changes
from similarity.findings.link import parse_link
from similarity.measures.metrics.verdict import join_names
from similarity.ui.findings.board import choose_board
from similarity.ui.findings.deck import show_deck
from similarity.ui.shared import query as url
from similarity.ui.shared.keep import PARAMETER
from similarity.ui.shared.pickers import pick_catalogue
from similarity.ui.shared.plain import show_error

REQUESTS = "slide_requests"  # in the session's state: the product that a slide asks for, by finding


def show_page() -> None:
    """Show the slides, or why there are none."""
    st.set_page_config(page_title="Findings · Similarity")
    with st.container(key="present"):
        catalogue = pick_catalogue(st.container())
        boards, board = Boards(catalogue.folder), ""
        try:
            board = choose_board(boards.list_boards())
            findings = boards.list_findings(board)
        except SimilarityError as error:
            show_error("The findings can't be read.", explain_error(error))
            findings = []
        if not findings:
            st.info("This board has nothing to present.")
            parameters = url.get_shared_parameters()
            st.page_link("findings.py", label="Back to the findings", query_params=parameters)
            st.stop()
        if st.session_state.pop("left", False):
            st.switch_page("findings.py", query_params=get_parameters(board))
        with st.spinner("Preparing the slides…"):
            contents = {each.number: get_content(catalogue, each) for each in findings}
            changes, present = compare_with_now(catalogue, findings)
        show_deck(
            catalogue,
            findings,
            contents,
            present,
            changes,
            url.get_number("slide", 1) - 1,
            ask,
            lambda: st.session_state.update(left=True),
        )


def get_parameters(board: str) -> url.Parameters:
    """Return the parameters of the board's page."""
    shared = url.get_shared_parameters()
    return {n: texts for n, texts in shared.items() if n != "slide"} | {PARAMETER: [board]}


def ask(number: int, product: str) -> None:
    """Ask for a product on a slide; an empty one shows the finding again."""
    requests = st.session_state.setdefault(REQUESTS, {})
    requests.pop(number, None)
    if product:
        requests[number] = product


def get_content(catalogue: Catalogue, finding: Finding) -> Content:
    """Return what a slide shows: the finding, or the results for a product that was clicked."""
    product = st.session_state.get(REQUESTS, {}).get(finding.number)
    if product:
        with suppress(SimilarityError):
            return compose_page(catalogue, finding.link.ask(product), refuse_picture)
    return finding.content


def compare_with_now(
    catalogue: Catalogue, findings: list[Finding]
) -> tuple[dict[int, str], dict[int, Content]]:
    """Return what has changed since findings were kept, and what their pages show now."""
    texts, present = {}, {}
    now = compute_finding_fingerprint(catalogue, catalogue.methods)
    for finding in findings:
        if changes := list_changes(catalogue, finding.fingerprint, now):
            texts[finding.number] = f"Changed since: {join_names(changes)}"
            with suppress(SimilarityError):
                pointer = catalogue.generation.pointer
                present[finding.number] = _compose_now(pointer, str(finding.link), catalogue)
    return texts, present


@st.cache_data(max_entries=MAX_FINDINGS, show_spinner=False)
def _compose_now(pointer: bytes, link: str, _catalogue: Catalogue) -> Content:
    return compose_page(_catalogue, parse_link(link), refuse_picture)


show_page()
