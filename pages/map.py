"""Map: how each method groups the products, and where two methods disagree."""

import streamlit as st

from similarity.errors import SimilarityError
from similarity.measures.maps.schema import MIN_PRODUCTS
from similarity.ui.map.side_by_side import list_facts, show_side_by_side
from similarity.ui.shared.building import show_missing, show_unmeasured
from similarity.ui.shared.caches import get_maps
from similarity.ui.shared.facets import pick_filter, show_panel
from similarity.ui.shared.filters import get_filter, show_filter
from similarity.ui.shared.headings import show_facts, show_title
from similarity.ui.shared.keep import offer_settings
from similarity.ui.shared.open_compare import follow_request
from similarity.ui.shared.pickers import pick_catalogue, pick_methods


def show_page() -> None:
    """Show the whole page: the maps, and the disagreements of two of them."""
    st.set_page_config(page_title="How does each method group the products? · Similarity")
    with st.container(key="map"):
        messages = st.container()
        with show_title("How does each method group the products?"):
            catalogue = pick_catalogue(messages)
            methods = pick_methods(catalogue, messages)
            page_filter = get_filter(catalogue)
            pick_filter(show_panel(page_filter.filter), catalogue, page_filter.filter)
            facts = st.container(width="content")
        follow_request(catalogue)
        if len(catalogue.products) < MIN_PRODUCTS:
            st.info(
                f"Maps are drawn for catalogues of {MIN_PRODUCTS} products or more. Compare shows "
                "fewer at a glance."
            )
            st.stop()
        try:
            maps = get_maps(catalogue)
        except SimilarityError as error:
            show_missing(
                catalogue,
                "The maps are not drawn yet. They appear here once they are.",
                "There are no maps of this catalogue.",
                error,
            )
            st.stop()
        show_unmeasured(catalogue, maps.coordinates)
        with facts:
            show_facts(list_facts(catalogue, maps))
        show_filter(catalogue, page_filter)
        show_side_by_side(catalogue, maps, methods, page_filter.among)
        offer_settings(catalogue, methods=",".join(method.key for method in methods))


show_page()
