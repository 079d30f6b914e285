"""Decide: which method to deploy, given limits and what counts as good."""

import streamlit as st

from similarity.decisions.criteria import choose_weights
from similarity.decisions.evidence import decide_for
from similarity.display.marks import get_titles
from similarity.ui.decide.answer import show_doubts, show_methods, show_recommendation
from similarity.ui.decide.controls import get_question, pick_limits, pick_weights
from similarity.ui.decide.export import show_export
from similarity.ui.shared.building import show_unmeasured
from similarity.ui.shared.evidence import get_evidence
from similarity.ui.shared.headings import show_title
from similarity.ui.shared.keep import offer_settings
from similarity.ui.shared.pickers import pick_catalogue
from similarity.ui.shared.plain import escape


def show_page() -> None:
    """Show the whole page: the recommendation, the fields that it depends on, and its reasons."""
    st.set_page_config(page_title="Which method should you deploy? · Similarity")
    with st.container(key="decide"):
        messages = st.container()
        with show_title("Which method should you deploy?"):
            catalogue = pick_catalogue(messages)
            export = st.container(width="content")
        evidence = get_evidence(catalogue)
        question, remarks = get_question()
        for remark in remarks:
            st.warning(escape(remark))
        show_unmeasured(catalogue, evidence.metrics.methods if evidence.metrics else ())
        decision = decide_for(catalogue, question, evidence)
        titles = get_titles(catalogue, catalogue.methods)
        show_recommendation(decision, titles)
        fields, answer = st.columns([2, 5], gap="large")
        with answer:
            show_methods(catalogue, decision, titles)
            show_doubts(decision, titles)
        with fields, st.container(key="controls"):
            pick_limits(question)
            pick_weights(evidence.criteria, choose_weights(evidence.criteria, question.weights))
        with export:
            show_export(catalogue, decision, titles)
        offer_settings(catalogue)


show_page()
