"""A judge's page: results to grade, one at a time, without their methods."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.judgments.judging import Judging
from similarity.ui.judge.caches import count_missing_products, open_pool
from similarity.ui.judge.grading import pop_error, show_question
from similarity.ui.shared.headings import show_title
from similarity.ui.shared.plain import show_error


def show_page() -> None:
    """Show the page, only to those with a judge's link."""
    st.set_page_config(page_title="How good is this result? · Similarity")
    with st.container(key="grade"):
        judging, catalogue = open_pool()
        if missing := count_missing_products(judging, catalogue):
            show_error(
                "Judging can't go on.",
                f"{missing:,} of its products are no longer in the catalogue. What was judged is "
                "kept. Its host can create another pool.",
            )
            return
        try:
            judge = judging.find_judge(st.query_params.get("judge", ""))
        except SimilarityError as error:
            show_error("These results can't be judged.", explain_error(error))
            return
        show_judging(judging, catalogue, judge)


@st.fragment  # answers rerun no more than this
def show_judging(judging: Judging, catalogue: Catalogue, judge: int) -> None:
    """Show the present question, or a thank you at the end."""
    try:
        question = judging.get_question(judge)
    except SimilarityError as error:
        show_error("Your next question can't be loaded.", explain_error(error))
        return
    if reason := pop_error():
        show_error("Your last answer was not saved. Please answer again.", reason)
    if question is None:
        show_title("That's all. Thank you!")
        st.markdown("Your grades are saved. You can close this page.")
    show_question(judging, catalogue, judge, question)


show_page()
