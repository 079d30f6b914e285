"""A part's heading, with what its figures are behind a button."""

from collections.abc import Sequence

import streamlit as st


def explained(title: str, anchor: str, says: str, facts: Sequence[str]) -> None:
    """The heading, what the part says in a sentence, and its facts."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(title, anchor=anchor, width="content")
        show_facts(facts)
    if says:
        st.markdown(says)


def show_facts(facts: Sequence[str]) -> None:
    """What figures are, behind a button."""
    with st.popover("What is this?", icon=":material/help:", type="tertiary"):
        for fact in facts:
            st.markdown(fact)
