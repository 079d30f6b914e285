"""A participant's page of a blind vote; once it is closed, its results."""

import streamlit as st

from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.ui.shared.picked import follow
from similarity.ui.shared.plain import plain, refuse
from similarity.ui.vote.ballot import participant, show_ballot, take_error
from similarity.ui.vote.opened import gone, opened
from similarity.ui.vote.results import show_results
from similarity.votes.store import Closed

LOOK = 5  # s, until one who waits for the end looks again


def page() -> None:
    """The present question, or what came of the vote."""
    st.set_page_config(page_title="Which is better? · Similarity")
    with st.container(key="ballot"):
        votes, catalogue = opened()
        follow(catalogue)
        if votes.is_closed():
            st.title("This vote is closed")
            st.markdown("Thank you to everybody who took part. The question was:")
            st.markdown(f"> {plain(votes.setup.question)}")
            show_results(votes, catalogue)
            return
        if lost := gone(votes, catalogue):
            refuse(
                "This vote can't go on.",
                f"{lost:,} of its products are no longer in the catalogue. Its host can close "
                "it, which keeps the answers, and make another.",
            )
            return
        who = participant(votes)
        try:
            shown = votes.current(who) if who else None
        except Closed:  # in this very moment
            st.rerun()
        except SimilarityError as error:
            refuse("Your next question can't be had. Reload this page.", explain_error(error))
            return
        if reason := take_error():
            refuse("Your last answer was not kept. Give it again.", reason)
        show_ballot(votes, catalogue, shown)
        if who and shown is None:
            wait_for_the_end()


@st.fragment(run_every=LOOK)
def wait_for_the_end() -> None:
    """Go on to the results once there are some to be seen."""
    votes, _ = opened()
    if votes.is_closed():
        st.rerun()
    st.caption("The results will stand here once the vote is closed.", text_alignment="center")


page()
