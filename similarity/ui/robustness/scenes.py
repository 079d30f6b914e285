"""How often each method finds products in the scenes, and a product that shows the difference."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.marks import get_titles
from similarity.display.scorecard import make_aspect_column
from similarity.errors import SimilarityError
from similarity.measures.robustness.schema import Robustness
from similarity.measures.scorecard import describe_leaders, list_scene_aspects
from similarity.perturbations import CUSTOMER_PHOTO
from similarity.ui.shared.browse import get_first_product
from similarity.ui.shared.caches import get_robustness
from similarity.ui.shared.pickers import pick_intervals
from similarity.ui.shared.plain import escape
from similarity.ui.shared.scorecard import show_scorecard


def show_scenes(catalogue: Catalogue, robustness: Robustness) -> None:
    """Show the conclusion, and a table of methods and scenes."""
    aspects, keys = list_scene_aspects(robustness), list(robustness.methods)
    if not aspects:
        return
    st.markdown(
        f"**{escape(' '.join(describe_leaders(aspects, get_titles(catalogue, keys), {})))}**"
    )
    show_scorecard(
        catalogue,
        [make_aspect_column(aspect, {}) for aspect in aspects],
        keys,
        intervals=st.query_params.get("intervals") == "1",
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.caption(
            "How often a product is in the top 10 for its own distorted picture, over "
            f"{robustness.sample:,} products. This tests only whether the same product is found.",
            width="content",
        )
        pick_intervals()


def choose_product(catalogue: Catalogue) -> str:
    """Return the product that the page opens with.

    In a customer's photo it is found by at least one method and, if possible, not by all.
    """
    try:
        robustness = get_robustness(catalogue)
    except SimilarityError:
        return get_first_product(catalogue)
    products_by_method = [
        set(each.scenes[CUSTOMER_PHOTO].top_products)
        for each in robustness.methods.values()
        if CUSTOMER_PHOTO in each.scenes
    ]
    found_by = {
        product: sum(product in products for products in products_by_method)
        for product in sorted(set().union(*products_by_method))
        if product in catalogue.products.index
    }
    if not found_by:
        return get_first_product(catalogue)
    return min(
        found_by, key=lambda product: (found_by[product] == len(products_by_method), product)
    )
