"""The button that keeps what a page shows as a finding."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.text import truncate
from similarity.errors import SimilarityError
from similarity.findings.compose.page import refuse_picture
from similarity.findings.finding import DEFAULT_BOARD
from similarity.findings.keep import keep_page
from similarity.findings.link import Link
from similarity.ui.shared import query as url
from similarity.ui.shared import uploads
from similarity.ui.shared.caches import find_opened
from similarity.ui.shared.plain import escape

PARAMETER = "board"  # the URL parameter with the board that findings are kept on
OFFERED = "offered"  # in the session's state: what the page shows
MAX_TITLE = 120  # characters in a message


def offer_page(catalogue: Catalogue, parameters: url.Parameters) -> None:
    """Let the visitor keep this page; its `parameters` name all settings that it shows."""
    link = Link(str(st.session_state["page"]), parameters | {"catalogue": [catalogue.name]})
    st.session_state[OFFERED] = catalogue.name, link


def offer_settings(catalogue: Catalogue, **settings: str) -> None:
    """Let the visitor keep this page as its URL describes it, with further settings."""
    parameters = url.get_shared_parameters() | {n: [text] for n, text in settings.items()}
    offer_page(catalogue, parameters)


def withdraw_page() -> None:
    """Offer nothing until the page does: it may have nothing to show."""
    st.session_state.pop(OFFERED, None)


def get_board() -> str:
    """Return the board that findings are kept on."""
    return st.query_params.get(PARAMETER, "").strip() or DEFAULT_BOARD


@st.fragment
def show_keep_button() -> None:
    """Show the button. It is a fragment, so that the page needn't run again."""
    is_pressed = st.button(
        "Keep",
        key="keep",
        icon=":material/bookmark_add:",
        help=f"Save what you see as a finding on the board “{escape(get_board())}”",
        shortcut="K",
    )
    if is_pressed:
        _keep()


def _keep() -> None:
    name, link = st.session_state.get(OFFERED, ("", None))
    catalogue = find_opened(name)
    if link is None or catalogue is None:
        st.toast("There is nothing to keep on this page yet.", icon=":material/info:")
        return
    try:
        finding = keep_page(catalogue, link, get_board(), _read_picture)
    except SimilarityError as error:
        st.toast(escape(f"Not kept: {explain_error(error)}"), icon=":material/error:", duration=10)
        return
    st.toast(
        escape(f"Kept on “{finding.board}”: {truncate(finding.title, MAX_TITLE)}"),
        icon=":material/bookmark_added:",
    )


def _read_picture(name: str) -> bytes:
    upload = uploads.find_picture(name)
    return upload.content if upload else refuse_picture(name)
