"""Blind vote: a host makes one."""

import streamlit as st

from similarity.ui.shared import query as url
from similarity.ui.shared.pickers import pick_catalogue, pick_methods
from similarity.ui.vote.form import (
    SAYS,
    find_neighbours,
    make_vote,
    pick_queries,
    pick_row_length,
    pick_way,
    show_plan,
)
from similarity.votes.vote import LONGEST_QUESTION, QUESTION


def page() -> None:
    """The whole page: what will be asked, and the button that makes it."""
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
        found = find_neighbours(catalogue)
        chosen = pick_way(found, [method.key for method in methods])
        st.caption(SAYS[chosen])
        if chosen == "words":
            able = [method for method in methods if method.answers_text]
            if left_out := len(methods) - len(able):
                verb = "reads" if left_out == 1 else "read"
                st.info(f"{left_out} of the chosen methods {verb} no words and can't take part.")
            methods = able
        keys = [method.key for method in methods]
        ask, drawn_at_random = pick_queries(catalogue, found, keys, chosen)
        show_plan(len(keys), drawn_at_random, len(catalogue.products))
        st.header("What is asked", anchor=False)
        k = pick_row_length()
        question = st.text_input(
            "The question",
            QUESTION,
            key=url.key("question"),
            max_chars=LONGEST_QUESTION,
            width=620,
        )
        if st.button("Make the vote", type="primary", icon=":material/how_to_vote:"):
            make_vote(catalogue, keys, chosen, ask, k, question)


page()
