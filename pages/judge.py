"""Judgments: create a pool of results to judge, and follow how far its judges are."""

import streamlit as st

from similarity.ui.judge.caches import open_pool
from similarity.ui.judge.form import make_judging, pick_judges, pick_queries
from similarity.ui.judge.host import show_host
from similarity.ui.shared.headings import show_title
from similarity.ui.shared.keep import offer_settings
from similarity.ui.shared.pickers import pick_catalogue, pick_methods


def show_page() -> None:
    """Show a host's pool, or the form that creates one."""
    st.set_page_config(page_title="How good are the results? · Similarity")
    with st.container(key="judge"):
        if "pool" in st.query_params:
            show_host(*open_pool())
            return
        messages = st.container()
        with show_title("How good are the results?"):
            catalogue = pick_catalogue(messages)
        offer_settings(catalogue)
        st.markdown(
            "A vote compares two methods once. **Grades of results outlive it**: they also count "
            "for methods that you add later. Judges see a query and one result at a time, without "
            "its method, and say whether it is wrong, fair, good or perfect. *Accuracy* then says "
            "which method they favour."
        )
        st.header("Methods", anchor=False)
        methods = [method.key for method in pick_methods(catalogue, messages)]
        st.header("Queries", anchor=False)
        make_queries = pick_queries(catalogue)
        st.header("Judges", anchor=False)
        k, judges, overlap = pick_judges()
        is_asked = st.button(
            "Start judging",
            type="primary",
            icon=":material/rule:",
            disabled=make_queries is None,
        )
        if is_asked and make_queries:
            make_judging(catalogue, methods, make_queries, k, judges, overlap)


show_page()
