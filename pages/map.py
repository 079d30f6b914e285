"""Map: where each method puts things, and what moves between them."""

import streamlit as st

from similarity.errors import SimilarityError
from similarity.measures.maps.schema import LEAST
from similarity.ui.map.side_by_side import map_facts, show_side_by_side
from similarity.ui.shared.building import show_lacking, show_missing
from similarity.ui.shared.caches import shared_maps
from similarity.ui.shared.headings import show_facts
from similarity.ui.shared.picked import follow
from similarity.ui.shared.pickers import pick_catalogue, pick_methods


def page() -> None:
    """The whole page: the maps, and what moves between two of them."""
    st.set_page_config(page_title="Where does each method put things? · Similarity")
    with st.container(key="map"):
        messages = st.container()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title("Where does each method put things?", width="content")
            catalogue = pick_catalogue(messages)
            methods = pick_methods(catalogue, messages)
            facts = st.container(width="content")
        follow(catalogue)
        if len(catalogue.products) < LEAST:
            st.info(f"A map is drawn of {LEAST} products or more. Compare shows fewer at a glance.")
            st.stop()
        try:
            found = shared_maps(catalogue)
        except SimilarityError as error:
            show_missing(
                catalogue,
                "The maps are not drawn yet. They appear here once they are.",
                "There are no maps of this catalogue as it is.",
                error,
            )
            st.stop()
        show_lacking(catalogue, found.places)
        with facts:
            show_facts(map_facts(found))
        show_side_by_side(catalogue, found, methods)


page()
