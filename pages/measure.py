"""Measure: which method is best for what, and how certain that is."""

from collections.abc import Callable

import streamlit as st

from similarity.errors import SimilarityError
from similarity.ui.measure.agreement import show_agreement
from similarity.ui.measure.attributes import show_attributes
from similarity.ui.measure.categories import has_categories, show_categories
from similarity.ui.measure.costs import show_costs, show_words
from similarity.ui.measure.differences import can_compare, show_differ
from similarity.ui.measure.export import show_export
from similarity.ui.measure.hubs import show_hubs
from similarity.ui.measure.part import PARTS
from similarity.ui.shared.building import show_missing, show_unmeasured
from similarity.ui.shared.caches import get_metrics, get_neighbours
from similarity.ui.shared.open_compare import follow_request
from similarity.ui.shared.pickers import pick_catalogue


def show_page() -> None:
    """Show the whole page, from accuracy to costs."""
    st.set_page_config(page_title="Which method, for what, and how sure? · Similarity")
    with st.container(key="measure"):
        messages = st.container()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title("Which method, for what, and how sure?", width="content")
            catalogue = pick_catalogue(messages)
            export = st.container(width="content")
        follow_request(catalogue)
        try:
            metrics, neighbours = get_metrics(catalogue), get_neighbours(catalogue)
        except SimilarityError as error:
            show_missing(
                catalogue,
                "The methods are not measured yet. The figures appear here once they are.",
                "Nothing was measured of this catalogue as it is.",
                error,
            )
            st.stop()
        show_unmeasured(catalogue, metrics.methods)
        with export:
            show_export(catalogue, metrics)
        parts: list[tuple[str, bool, Callable[[], None]]] = [
            ("what", True, lambda: show_attributes(metrics)),
            ("differ", can_compare(neighbours), lambda: show_differ(catalogue, neighbours)),
            ("categories", has_categories(catalogue), lambda: show_categories(catalogue)),
            ("agree", bool(metrics.agreements), lambda: show_agreement(metrics)),
            ("words", metrics.texts is not None, lambda: show_words(metrics)),
            ("cost", True, lambda: show_costs(metrics)),
            ("hubs", bool(metrics.hubs), lambda: show_hubs(catalogue, metrics)),
        ]
        available = {anchor: show for anchor, is_available, show in parts if is_available}
        st.markdown(" · ".join(f"[{PARTS[anchor]}](#{anchor})" for anchor in available))
        for show in available.values():
            show()


show_page()
