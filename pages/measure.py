"""Measure: which method, for what, and how sure."""

import streamlit as st

from similarity.errors import SimilarityError
from similarity.ui.caches import shared_metrics, shared_neighbours
from similarity.ui.measure.agree import show_agreement
from similarity.ui.measure.attributes import show_attributes
from similarity.ui.measure.categories import show_categories
from similarity.ui.measure.costs import show_costs, show_words
from similarity.ui.measure.differ import show_differ
from similarity.ui.measure.export import show_export
from similarity.ui.measure.hubs import show_hubs
from similarity.ui.picked import follow
from similarity.ui.pickers import pick_catalogue
from similarity.ui.plain import refuse

PARTS = {
    "what": "Which method sees what",
    "differ": "Where they differ",
    "categories": "Category by category",
    "agree": "Who agrees",
    "words": "Found by words",
    "cost": "Speed and size",
    "hubs": "What comes up again and again",
}


def page() -> None:
    """The whole page, from the question to what its answers cost."""
    st.set_page_config(page_title="Which method, for what, and how sure? · Similarity")
    with st.container(key="measure"):
        messages = st.container()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title("Which method, for what, and how sure?", width="content")
            catalogue = pick_catalogue(messages)
            export = st.container(width="content")
        follow(catalogue)
        try:
            found, near = shared_metrics(catalogue), shared_neighbours(catalogue)
        except SimilarityError as error:
            refuse("Nothing was measured of this catalogue as it is.", str(error))
            st.stop()
        with export:
            show_export(catalogue, found)
        st.markdown(" · ".join(f"[{title}](#{anchor})" for anchor, title in PARTS.items()))
        show_attributes(catalogue, found)
        show_differ(catalogue, near)
        show_categories(catalogue)
        show_agreement(found)
        show_words(catalogue, found)
        show_costs(catalogue, found)
        show_hubs(catalogue, found)


page()
