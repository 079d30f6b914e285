"""Compare: one query, and every method's results side by side."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.methods import METHODS, Method
from similarity.ui.compare.answers import show_answers
from similarity.ui.compare.query_inputs import (
    make_displayed_query,
    make_link,
    show_inputs,
    show_refusal,
)
from similarity.ui.shared import query as url
from similarity.ui.shared.browse import get_first_product, show_browser
from similarity.ui.shared.columns import describe_labels
from similarity.ui.shared.dialogue import show_large
from similarity.ui.shared.gallery import show_query
from similarity.ui.shared.pickers import (
    get_weak_threshold,
    pick_catalogue,
    pick_k,
    pick_methods,
    pick_weak_threshold,
)
from similarity.ui.shared.plain import escape, format_count
from similarity.ui.shared.warm import warm_up


def describe_catalogue(catalogue: Catalogue) -> str:
    """Return the numbers of products, categories and skipped files."""
    products = catalogue.products
    parts = [format_count(len(products), "product", "products")]
    categories = sum(products["category"].unique() != "")
    if categories:
        parts.append(format_count(categories, "category", "categories"))
    if catalogue.skipped:
        parts.append(f"{format_count(catalogue.skipped, 'file', 'files')} skipped")
    return " · ".join(parts)


def show_methods(methods: list[Method]) -> None:
    """Explain the scores, and describe the methods."""
    st.caption(
        "A score is a cosine. Compare scores within a column only: each method has its own. What "
        "can be compared is how many pairs drawn at random are less near by the same method."
    )
    pick_weak_threshold()
    st.subheader("What the methods are")
    for method in methods:
        facts = " ".join([method.summary, method.weights, *describe_labels(method)])
        facts += f" Licence: {method.licence}."
        st.markdown(f"**{escape(method.title)}** · {escape(method.family)}. {escape(facts)}")
    st.page_link("methods.py", label="All methods, built here or not", icon=":material/category:")


def show_page() -> None:
    """Show the whole page, from the settings to the results."""
    with st.container(key="compare", gap="xsmall"):
        controls = st.container(
            key="controls", horizontal=True, gap="xsmall", vertical_alignment="center"
        )
        # always present, so that messages don't move anything else
        messages = st.container(key="messages")
        row = st.container(key="asked", horizontal=True)
        answers = st.container(key="answers")
        facts = st.container(key="facts")
    inputs = controls.container(
        key="ways", horizontal=True, vertical_alignment="center", gap="small"
    )
    with controls.container(key="settings", horizontal=True, vertical_alignment="center"):
        catalogue = pick_catalogue(messages)
        methods = pick_methods(catalogue, messages)
        k = pick_k(catalogue)
    weak_threshold = get_weak_threshold()
    with st.container(key="size"):
        st.caption(describe_catalogue(catalogue))
    query, remark = url.get_query(catalogue, get_first_product(catalogue))
    with messages:
        if remark:
            st.info(remark)
        show_refusal()
    displayed_query = make_displayed_query(catalogue, query)
    st.set_page_config(page_title=f"{displayed_query.lead} {displayed_query.text} · Similarity")
    with row.container(key="query"):
        show_query(
            url.widget_key("query"),
            displayed_query,
            make_link(catalogue, query, methods, k, weak_threshold),
        )

    def show_ways_to_ask() -> None:
        with inputs:
            show_inputs(catalogue, query)
        with row:
            show_browser(catalogue, query.value if query.kind == "product" else "")

    def show_results() -> None:
        with answers:
            columns = show_answers(catalogue, methods, query, displayed_query, k, weak_threshold)
        show_large(catalogue, query, columns)

    # Results for a product are immediate, so they come first; a text may have to wait for a model.
    for part in (
        (show_results, show_ways_to_ask)
        if query.kind == "product"
        else (show_ways_to_ask, show_results)
    ):
        part()
    with facts:
        show_methods(methods)
    # Clicks on products need no model. Texts do, and uploads use the same networks.
    warm_up(tuple(key for key in catalogue.methods if METHODS[key].answers_text), catalogue)


show_page()
