"""Compare: one query, and every method's answer side by side."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.methods import METHODS, Method
from similarity.ui.compare.answers import show_answers
from similarity.ui.compare.asking import ask_panel, asked, link, show_refusal
from similarity.ui.shared import query as url
from similarity.ui.shared.browse import browse, first_product
from similarity.ui.shared.columns import taught
from similarity.ui.shared.gallery import show_asked
from similarity.ui.shared.large import show_large
from similarity.ui.shared.pickers import pick_catalogue, pick_k, pick_methods, pick_weak, weak_below
from similarity.ui.shared.plain import counted, plain
from similarity.ui.shared.warm import warm_up


def describe(catalogue: Catalogue) -> str:
    """What the answers are taken from."""
    products = catalogue.products
    parts = [counted(len(products), "product", "products")]
    categories = sum(products["category"].unique() != "")
    if categories:
        parts.append(counted(categories, "category", "categories"))
    if catalogue.skipped:
        parts.append(f"{counted(catalogue.skipped, 'file', 'files')} skipped")
    return " · ".join(parts)


def show_facts(methods: list[Method]) -> None:
    """What the scores are, and what every method's weights are."""
    st.caption(
        "A score is a cosine. Compare scores within a column only: each method has its own. What "
        "can be compared is how many pairs drawn at random are less near by the same method."
    )
    pick_weak()
    st.subheader("What the methods are")
    for method in methods:
        facts = " ".join([method.summary, method.weights, *taught(method)])
        facts += f" Licence: {method.licence}."
        st.markdown(f"**{plain(method.title)}** · {plain(method.family)}. {plain(facts)}")
    st.page_link("methods.py", label="All methods, built here or not", icon=":material/category:")


def page() -> None:
    """The whole page, from the settings down to the answers."""
    with st.container(key="compare", gap="xsmall"):
        controls = st.container(
            key="controls", horizontal=True, gap="xsmall", vertical_alignment="center"
        )
        messages = st.container(key="messages")  # always there: a message moves nothing else
        row = st.container(key="asked", horizontal=True)
        answers = st.container(key="answers")
        facts = st.container(key="facts")
    ways = controls.container(key="ways", horizontal=True, vertical_alignment="center", gap="small")
    with controls.container(key="settings", horizontal=True, vertical_alignment="center"):
        catalogue = pick_catalogue(messages)
        methods = pick_methods(catalogue, messages)
        k = pick_k(catalogue)
    weak = weak_below()
    with st.container(key="size"):
        st.caption(describe(catalogue))
    query, remark = url.current(catalogue, first_product(catalogue))
    with messages:
        if remark:
            st.info(remark)
        show_refusal()
    what = asked(catalogue, query)
    st.set_page_config(page_title=f"{what.lead} {what.text} · Similarity")
    with row.container(key="query"):
        show_asked(url.key("query"), what, link(catalogue, query, methods, k, weak))

    def ask() -> None:
        with ways:
            ask_panel(catalogue, query)
        with row:
            browse(catalogue, query.value if query.kind == "product" else "")

    def reply() -> None:
        with answers:
            columns = show_answers(catalogue, methods, query, what, k, weak)
        show_large(catalogue, query, columns)

    # A product is answered at once, so its answers come first; a model may have to be waited for.
    for part in (reply, ask) if query.kind == "product" else (ask, reply):
        part()
    with facts:
        show_facts(methods)
    # Clicks on products need no model; words do, and the same networks serve one's own pictures.
    warm_up(tuple(key for key in catalogue.methods if METHODS[key].answers_text), catalogue)


page()
