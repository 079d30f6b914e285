"""Methods: a card for each one, installed or not."""

import streamlit as st

from similarity.ui.methods.cards import show_cards
from similarity.ui.shared.pickers import pick_catalogue

# Models that people often ask for, and why they are excluded.
EXCLUDED = (
    "**Not here, whatever they score**: MobileCLIP 2 and DFN, whose weights are under Apple's "
    "apple-amlr, for research alone, and Jina CLIP v2, whose weights are under CC-BY-NC. Such "
    "licences forbid what a shop would do with them."
)


def show_page() -> None:
    """Show the whole page."""
    st.set_page_config(page_title="What the methods are · Similarity")
    with st.container(key="methods"):
        messages = st.container()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title("What the methods are", width="content")
            catalogue = pick_catalogue(messages)
        st.markdown(
            "From the oldest family to the newest. What weights were trained on is told as far as "
            "their authors published it."
        )
        show_cards(catalogue)
        st.markdown(EXCLUDED)


show_page()
