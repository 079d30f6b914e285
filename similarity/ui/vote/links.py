"""The link to a vote's ballot, as text and as a QR code."""

import io
from urllib.parse import urlsplit

import segno
import streamlit as st

from similarity.commands import OPEN_TO_NETWORK
from similarity.ui.shared.thumbnails import get_base_path
from similarity.votes.store import Votes

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1", "")
CODE_WIDTH = 260  # px


def make_ballot_link(votes: Votes) -> str:
    """Return the link for participants, on the host by which this page was reached."""
    return f"{_get_origin()}{get_base_path()}/ballot?vote={votes.name}"


def show_links(votes: Votes) -> None:
    """Show the link for participants, to scan and to copy."""
    link = make_ballot_link(votes)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="links"):
        st.image(_make_code(link), width=CODE_WIDTH, alt=f"The QR code of {link}")
        with st.container(key="link", gap="small"):
            st.markdown("**For the audience.** Point a phone at the code, or open:")
            st.code(link, language=None, wrap_lines=True)
            if urlsplit(link).hostname in LOCAL_HOSTS or not urlsplit(link).hostname:
                st.caption(
                    "This address works on this machine alone. To let phones in, start the app "
                    "for the whole network, which has no password, and open this page by the "
                    "machine's name or number in that network:"
                )
                st.code(OPEN_TO_NETWORK, language=None, wrap_lines=True)
            st.markdown(
                "**For you.** This page's own address: whoever has it sees results and can end the "
                "vote. It can't be made again, so keep it, and don't show it."
            )


def _get_origin() -> str:
    """Return the scheme, host and port of this page."""
    parts = urlsplit(str(st.context.url or ""))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


@st.cache_data(max_entries=32, show_spinner=False)
def _make_code(link: str) -> str:
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        out, kind="svg", border=3, light="#fff", dark="#000", scale=8, xmldecl=False
    )
    return out.getvalue().decode()
