"""The host's page of a blind vote: its links, its end, its results."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.ui.shared import query as url
from similarity.ui.shared.picked import follow
from similarity.ui.shared.plain import counted, plain, refuse
from similarity.ui.vote.links import show_links
from similarity.ui.vote.opened import opened
from similarity.ui.vote.results import show_results
from similarity.votes.store import Votes

LOOK = 3  # s between two looks at what came in


def page() -> None:
    """The whole page, for whoever has the host's link alone."""
    st.set_page_config(page_title="Your vote · Similarity")
    with st.container(key="host"):
        votes, catalogue = opened()
        if not votes.is_host(st.query_params.get("host", "")):
            refuse(
                "This is not the host's link of this vote.",
                "Its end is missing or wrong. The link was shown when the vote was made, and can't "
                "be made again. To take part, ask for the participants' link.",
            )
            st.stop()
        follow(catalogue)
        st.title(plain(votes.setup.question))
        if votes.is_closed():
            st.caption("This vote is closed. Its participants' link shows these results too.")
            show_results(votes, catalogue)
            return
        show_links(votes)
        live(votes, catalogue)


@st.fragment(run_every=LOOK)
def live(votes: Votes, catalogue: Catalogue) -> None:
    """How far it is, and on demand what the answers say so far."""
    follow(catalogue)
    count, people = votes.counts()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(
            f"**Open.** {counted(count, 'answer', 'answers')} by "
            f"{counted(people, 'participant', 'participants')} so far.",
            width="content",
        )
        key = url.key("close")
        with st.popover("Close the vote", icon=":material/lock:"):
            st.markdown("It takes no more answers then, and everybody sees the results.")
            st.button("Close it for good", key=key, type="primary", on_click=_close, args=(votes,))
    if error := st.session_state.pop("not closed", ""):
        refuse("The vote could not be closed.", error)
    if votes.is_closed():
        st.rerun()
    if st.toggle("Show interim results (reveals the methods)"):
        show_results(votes, catalogue)


def _close(votes: Votes) -> None:
    try:
        votes.close(st.query_params.get("host", ""))
    except SimilarityError as error:
        st.session_state["not closed"] = explain_error(error)


page()
