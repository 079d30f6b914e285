"""Titles and headings, with explanations of figures behind a button."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def show_title(title: str) -> DeltaGenerator:
    """Show a page's title, and return the row that it is in, for what belongs beside it."""
    row = st.container(key="title", horizontal=True, vertical_alignment="center", gap="small")
    row.title(title, width="content")
    return row


def show_heading(title: str, anchor: str, sentence: str, facts: Sequence[str]) -> None:
    """Show a heading, what the part says in a sentence, and its facts."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(title, anchor=anchor, width="content")
        show_facts(facts)
    if sentence:
        st.markdown(sentence)


def show_facts(facts: Sequence[str]) -> None:
    """Show explanations of figures behind a button."""
    with st.popover("What is this?", icon=":material/help:", type="tertiary"):
        for fact in facts:
            st.markdown(fact)
