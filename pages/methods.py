"""Methods: a card for each one, the models in memory, and the catalogue they are used on."""

import streamlit as st

from similarity.errors import SimilarityError
from similarity.ui.methods.cards import describe_installed, show_cards
from similarity.ui.methods.catalogue import show_catalogue
from similarity.ui.methods.loaded import show_loaded
from similarity.ui.shared.headings import show_title
from similarity.ui.shared.keep import offer_settings
from similarity.ui.shared.pickers import pick_catalogue
from similarity.ui.shared.plain import show_error

# Models that people often ask for, and why they are excluded.
EXCLUDED = (
    "**Not included**: MobileCLIP 2 and DFN (licence apple-amlr, research only) and Jina CLIP v2 "
    "(CC-BY-NC). Their licences don't allow commercial use."
)


def show_page() -> None:
    """Show the whole page."""
    st.set_page_config(page_title="Which methods are there? · Similarity")
    with st.container(key="methods"):
        messages = st.container()
        with show_title("Which methods are there?"):
            catalogue = pick_catalogue(messages)
        st.markdown(
            f"**{describe_installed(catalogue)}** Families are sorted from oldest to newest. What "
            "the weights were trained on is as published by their authors."
        )
        st.markdown("[Which models are loaded](#loaded) · [What is in this catalogue](#catalogue)")
        show_cards(catalogue)
        st.markdown(EXCLUDED)
        try:
            show_loaded()
        except SimilarityError as error:  # a wrong setting
            show_error("The limit of loaded models can't be read.", str(error))
        show_catalogue(catalogue)
        offer_settings(catalogue)


show_page()
