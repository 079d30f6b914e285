"""A participant's page of a blind vote; it shows the results once the vote is closed."""

import streamlit as st

from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.ui.shared.headings import show_title
from similarity.ui.shared.open_compare import follow_request
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.vote.ballot import get_participant, pop_error, show_ballot
from similarity.ui.vote.caches import count_missing_products, open_vote
from similarity.ui.vote.results import show_results
from similarity.votes.store import VoteClosedError

POLL_INTERVAL = 5  # s between checks whether the vote is closed


def show_page() -> None:
    """Show the current question, or the results of a closed vote."""
    st.set_page_config(page_title="Which is better? · Similarity")
    with st.container(key="ballot"):
        votes, catalogue = open_vote()
        follow_request(catalogue)
        if votes.is_closed():
            show_title("This vote is closed")
            st.markdown("Thank you to everybody who took part. The question was:")
            st.markdown(f"> {escape(votes.setup.question)}")
            show_results(votes, catalogue)
            return
        if missing := count_missing_products(votes, catalogue):
            show_error(
                "This vote can't go on.",
                f"{missing:,} of its products are no longer in the catalogue. Its host can close "
                "it, which keeps the answers, and create another one.",
            )
            return
        participant_id = get_participant(votes)
        try:
            question = votes.get_question(participant_id) if participant_id else None
        except VoteClosedError:  # closed since the check above
            st.rerun()
        except SimilarityError as error:
            show_error(
                "Your next question can't be loaded. Reload this page.", explain_error(error)
            )
            return
        if reason := pop_error():
            show_error("Your last answer was not saved. Please answer again.", reason)
        show_ballot(votes, catalogue, question)
        if participant_id and question is None:
            wait_until_closed()


@st.fragment(run_every=POLL_INTERVAL)
def wait_until_closed() -> None:
    """Rerun the page once the vote is closed."""
    votes, _ = open_vote()
    if votes.is_closed():
        st.rerun()
    st.caption("The results will appear here when the vote is closed.", text_alignment="center")


show_page()
