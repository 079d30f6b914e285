"""Blind vote: the form for hosts."""

import streamlit as st

from similarity.ui.shared import query as url
from similarity.ui.shared.pickers import pick_catalogue, pick_methods
from similarity.ui.vote.form import (
    SOURCE_NOTES,
    make_vote,
    pick_queries,
    pick_query_source,
    pick_row_length,
    show_plan,
    try_get_neighbours,
)
from similarity.votes.vote import MAX_QUESTION, QUESTION


def show_page() -> None:
    """Show the whole page: what will be asked, and the button that creates the vote."""
    st.set_page_config(page_title="Which would people choose? · Similarity")
    with st.container(key="vote"):
        messages = st.container()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title("Which would people choose?", width="content")
            catalogue = pick_catalogue(messages)
        st.markdown(
            "Figures by category are proxies. **Let an audience decide instead**: everybody sees a "
            "query and two rows without names, left and right by chance, and chooses. You get a "
            "link for them, with a code for their phones, and one for yourself, to watch, to "
            "close the vote, and to see who won and how sure that is."
        )
        st.header("Methods", anchor=False)
        methods = pick_methods(catalogue, messages)
        st.header("Queries", anchor=False)
        neighbours = try_get_neighbours(catalogue)
        query_source = pick_query_source(neighbours, [method.key for method in methods])
        st.caption(SOURCE_NOTES[query_source])
        if query_source == "words":
            text_methods = [method for method in methods if method.answers_text]
            if excluded := len(methods) - len(text_methods):
                verb = "reads" if excluded == 1 else "read"
                st.info(f"{excluded} of the chosen methods {verb} no words and can't take part.")
            methods = text_methods
        keys = [method.key for method in methods]
        make_queries, random_queries = pick_queries(catalogue, neighbours, keys, query_source)
        show_plan(len(keys), random_queries, len(catalogue.products))
        st.header("What is asked", anchor=False)
        k = pick_row_length()
        question = st.text_input(
            "The question",
            QUESTION,
            key=url.widget_key("question"),
            max_chars=MAX_QUESTION,
            width=620,
        )
        if st.button("Make the vote", type="primary", icon=":material/how_to_vote:"):
            make_vote(catalogue, keys, query_source, make_queries, k, question)


show_page()
