"""Blind vote: the form for hosts."""

import streamlit as st

from similarity.commands import format_build_command
from similarity.measures.metrics.verdict import join_names
from similarity.ui.shared import query as url
from similarity.ui.shared.headings import show_title
from similarity.ui.shared.keep import offer_settings
from similarity.ui.shared.pickers import pick_catalogue, pick_methods
from similarity.ui.shared.plain import escape
from similarity.ui.vote.form import (
    SOURCE_NOTES,
    make_vote,
    pick_queries,
    pick_query_source,
    pick_row_length,
    show_plan,
    try_get_neighbours,
)
from similarity.votes.vote import MAX_QUESTION, MIN_K, QUESTION


def show_page() -> None:
    """Show the whole page: what will be asked, and the button that creates the vote."""
    st.set_page_config(page_title="Which would people choose? · Similarity")
    with st.container(key="vote"):
        messages = st.container()
        with show_title("Which would people choose?"):
            catalogue = pick_catalogue(messages)
        offer_settings(catalogue)
        st.markdown(
            "Scores can't judge taste. **Let an audience decide**: everybody sees a query and two "
            "rows of results without names, and chooses the better one. You get a link for them, "
            "with a code for their phones, and a link for yourself to see who wins."
        )
        if len(catalogue.products) <= MIN_K:
            st.info(
                f"A vote needs {MIN_K + 1} products or more: a query, and rows of {MIN_K} results. "
                "Choose another catalogue, or add pictures to this one and build it again:"
            )
            st.code(format_build_command(catalogue), language="bash", wrap_lines=True)
            st.stop()
        st.header("Methods", anchor=False)
        methods = pick_methods(catalogue, messages)
        st.header("Queries", anchor=False)
        neighbours = try_get_neighbours(catalogue)
        query_source = pick_query_source(neighbours, [method.key for method in methods])
        st.caption(SOURCE_NOTES[query_source])
        if query_source == "words":
            text_methods = [method for method in methods if method.answers_text]
            if excluded := [method.title for method in methods if not method.answers_text]:
                st.info(escape(f"{join_names(excluded)} can't search by text and won't take part."))
            methods = text_methods
        keys = [method.key for method in methods]
        make_queries, random_queries = pick_queries(catalogue, neighbours, keys, query_source)
        if make_queries:
            show_plan(len(keys), random_queries, len(catalogue.products))
        st.header("Question", anchor=False)
        k = pick_row_length()
        question = st.text_input(
            "Question for the audience",
            QUESTION,
            key=url.widget_key("question"),
            max_chars=MAX_QUESTION,
            width=620,
        )
        is_asked = st.button(
            "Create the vote",
            type="primary",
            icon=":material/how_to_vote:",
            disabled=make_queries is None,
        )
        if is_asked and make_queries:
            make_vote(catalogue, keys, query_source, make_queries, k, question)


show_page()
