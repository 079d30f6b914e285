"""A board as a list of findings, which are dragged or moved by keys, opened, edited and deleted."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.findings.boards import Boards
from similarity.findings.compose.page import NAMES
from similarity.findings.finding import Finding, Summary
from similarity.findings.fingerprint import (
    Fingerprint,
    compute_finding_fingerprint,
    list_changes,
)
from similarity.measures.metrics.verdict import join_names
from similarity.ui.shared import query as url
from similarity.ui.shared.component import register_component
from similarity.ui.shared.gallery import make_data_url
from similarity.ui.shared.keep import PARAMETER, get_board
from similarity.ui.shared.thumbnails import thumbnail_url

PICTURES = 6  # of a finding in the list
ACTIONS = ("present", "open", "edit", "delete")

_component = register_component(__file__)


def choose_board(summaries: Sequence[Summary]) -> str:
    """Return the board in the URL, or else the last one that has findings."""
    if PARAMETER in st.query_params:
        return get_board()
    return next((each.name for each in reversed(summaries) if each.findings), get_board())


def show_board(
    catalogue: Catalogue,
    findings: Sequence[Finding],
    on_move: Callable[[int, int], None],
    on_act: Callable[[str, int], None],
) -> None:
    """Show findings in their order.

    `on_move` gets a finding's number and its new place from 0; `on_act` one of ACTIONS and a
    number.
    """
    key = url.widget_key("board")
    numbers = {finding.number for finding in findings}

    def handle_move() -> None:
        match st.session_state[key].get("moved"):
            case [int(number), int(place)] if number in numbers:
                on_move(number, place)

    def handle_act() -> None:
        match st.session_state[key].get("acted"):
            case [str(action), int(number)] if action in ACTIONS and number in numbers:
                on_act(action, number)

    now = compute_finding_fingerprint(catalogue, catalogue.methods)
    data = {"findings": [_describe(catalogue, finding, now) for finding in findings]}
    _component(key=key, data=data, on_moved_change=handle_move, on_acted_change=handle_act)


def _describe(catalogue: Catalogue, finding: Finding, now: Fingerprint) -> dict[str, Any]:
    products = finding.content.list_products()[:PICTURES]
    pictures = make_sources(catalogue, finding, products)
    changes = list_changes(catalogue, finding.fingerprint, now)
    return {
        "number": finding.number,
        "title": finding.title,
        "note": finding.note,
        "facts": f"{NAMES.get(finding.link.page, finding.link.page)} · {format_day(finding)}",
        "changed": f"Changed since: {join_names(changes)}" if changes else "",
        "pictures": [pictures[product] for product in products if product in pictures],
    }


def format_day(finding: Finding) -> str:
    """Return the day on which a finding was kept, such as 5 Jan 2026."""
    moment = datetime.fromtimestamp(finding.created)  # the clock of this machine
    return f"{moment.day} {moment:%b %Y}"


def make_sources(
    catalogue: Catalogue, finding: Finding, products: Collection[str]
) -> dict[str, str]:
    """Return the addresses of pictures by product; those of products that are gone hold them."""
    present = [product for product in products if product in catalogue.products.index]
    sources = {product: thumbnail_url(catalogue.name, product) for product in present}
    if len(sources) < len(set(products)):
        for product, content in Boards(catalogue.folder).read_pictures(finding.number).items():
            sources.setdefault(product, make_data_url(content))
    return sources
