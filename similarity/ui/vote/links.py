"""The link to a vote's ballot."""

import streamlit as st

from similarity.ui.shared.links import explain_local_link, make_link, pick_address, show_code
from similarity.votes.store import Votes


def show_links(votes: Votes) -> None:
    """Show the link for participants, to scan and to copy."""
    with st.container(horizontal=True, vertical_alignment="top", gap="medium", key="links"):
        code = st.container(width="content")
        with st.container(key="link", gap="small"):
            place = st.container()
            address = pick_address()
            link = make_link(address, "ballot", vote=votes.name)
            with place:
                how = (
                    "Point a phone at the code, or open this link:"
                    if address
                    else "Open this link:"
                )
                st.markdown(f"**For the audience.** {how}")
                st.code(link, language=None, wrap_lines=True)
                if not address:
                    explain_local_link()
            st.markdown(
                "**For you.** This page's own address: whoever has it sees results and can end the "
                "vote. It can't be shown again, so keep it, and don't share it."
            )
    if address:
        with code:
            show_code(link)
