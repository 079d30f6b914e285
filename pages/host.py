"""The host's page of a blind vote: its links, its end, its results."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.text import format_count
from similarity.errors import SimilarityError
from similarity.ui.shared import query as url
from similarity.ui.shared.headings import show_title
from similarity.ui.shared.open_compare import follow_request
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.vote.caches import open_vote
from similarity.ui.vote.links import show_links
from similarity.ui.vote.results import show_results
from similarity.votes.store import Votes

POLL_INTERVAL = 3  # s between updates


def show_page() -> None:
    """Show the whole page, only to those with the host's link."""
    st.set_page_config(page_title="Your vote · Similarity")
    with st.container(key="host"):
        votes, catalogue = open_vote()
        if not votes.is_host(st.query_params.get("host", "")):
            show_error(
                "This is not the host's link of this vote.",
                "Its end is missing or wrong. The link was shown when the vote was created and "
                "can't be shown again. To take part, ask for the participants' link.",
            )
            st.stop()
        follow_request(catalogue)
        show_title(escape(votes.setup.question))
        if votes.is_closed():
            st.caption("This vote is closed. Its participants' link shows these results too.")
            show_results(votes, catalogue)
            return
        show_links(votes)
        show_progress(votes, catalogue)


@st.fragment(run_every=POLL_INTERVAL)
def show_progress(votes: Votes, catalogue: Catalogue) -> None:
    """Show the number of votes, and the interim results on demand."""
    follow_request(catalogue)
    count, people = votes.count_votes()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(
            f"**Open.** {format_count(count, 'answer', 'answers')} by "
            f"{format_count(people, 'participant', 'participants')} so far.",
            width="content",
        )
        key = url.widget_key("close")
        with st.popover("Close the vote", icon=":material/lock:"):
            st.markdown("After that it takes no more answers, and everybody sees the results.")
            st.button("Close it for good", key=key, type="primary", on_click=_close, args=(votes,))
    if error := st.session_state.pop("not closed", ""):
        show_error("The vote could not be closed.", error)
    if votes.is_closed():
        st.rerun()
    if st.toggle("Show interim results (reveals the methods)"):
        show_results(votes, catalogue)


def _close(votes: Votes) -> None:
    try:
        votes.close(st.query_params.get("host", ""))
    except SimilarityError as error:
        st.session_state["not closed"] = explain_error(error)


show_page()
