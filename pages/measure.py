"""Measure: which method, for what, and how sure."""

from collections.abc import Callable

import streamlit as st

from similarity.errors import SimilarityError
from similarity.ui.measure.agree import show_agreement
from similarity.ui.measure.attributes import show_attributes
from similarity.ui.measure.categories import has_categories, show_categories
from similarity.ui.measure.costs import show_costs, show_words
from similarity.ui.measure.differ import can_differ, show_differ
from similarity.ui.measure.export import show_export
from similarity.ui.measure.hubs import show_hubs
from similarity.ui.measure.part import PARTS
from similarity.ui.shared.building import show_lacking, show_missing
from similarity.ui.shared.caches import shared_metrics, shared_neighbours
from similarity.ui.shared.picked import follow
from similarity.ui.shared.pickers import pick_catalogue


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
            show_missing(
                catalogue,
                "The methods are not measured yet. The figures appear here once they are.",
                "Nothing was measured of this catalogue as it is.",
                error,
            )
            st.stop()
        show_lacking(catalogue, found.methods)
        with export:
            show_export(catalogue, found)
        parts: list[tuple[str, bool, Callable[[], None]]] = [
            ("what", True, lambda: show_attributes(found)),
            ("differ", can_differ(near), lambda: show_differ(catalogue, near)),
            ("categories", has_categories(catalogue), lambda: show_categories(catalogue)),
            ("agree", bool(found.agreed), lambda: show_agreement(found)),
            ("words", found.texts is not None, lambda: show_words(found)),
            ("cost", True, lambda: show_costs(found)),
            ("hubs", bool(found.hubs), lambda: show_hubs(catalogue, found)),
        ]
        shown = {anchor: show for anchor, there, show in parts if there}
        st.markdown(" · ".join(f"[{PARTS[anchor]}](#{anchor})" for anchor in shown))
        for show in shown.values():
            show()


page()
