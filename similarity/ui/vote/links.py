"""How people get to a vote: its address, and the same as a picture for their phones."""

import io
from urllib.parse import urlsplit

import segno
import streamlit as st

from similarity.commands import OPEN_TO_NETWORK
from similarity.ui.shared.thumbnails import base_path
from similarity.votes.store import Votes

HERE = ("localhost", "127.0.0.1", "::1", "")
WIDTH = 260  # px


def ballot_link(votes: Votes) -> str:
    """The participants' address, on the host by which this page was reached."""
    return f"{_site()}{base_path()}/ballot?vote={votes.name}"


def show_links(votes: Votes) -> None:
    """The participants' address to point a phone at and to copy."""
    link = ballot_link(votes)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="links"):
        st.image(_code(link), width=WIDTH, alt=f"The QR code of {link}")
        with st.container(key="link", gap="small"):
            st.markdown("**For the audience.** Point a phone at the code, or open:")
            st.code(link, language=None, wrap_lines=True)
            if urlsplit(link).hostname in HERE or not urlsplit(link).hostname:
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


def _site() -> str:
    """Scheme, host and port."""
    parts = urlsplit(str(st.context.url or ""))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


@st.cache_data(max_entries=32, show_spinner=False)
def _code(link: str) -> str:
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        out, kind="svg", border=3, light="#fff", dark="#000", scale=8, xmldecl=False
    )
    return out.getvalue().decode()
