"""Compare: one query, and every method's answer side by side."""

import streamlit as st

from similarity.search import Catalogue
from similarity.ui import query as url
from similarity.ui.answers import show_answers
from similarity.ui.asking import ask_panel, show_query, show_refusal
from similarity.ui.browse import browse, first_product
from similarity.ui.pickers import pick_catalogue, pick_k, pick_methods
from similarity.ui.warm import warm_up


def describe(catalogue: Catalogue) -> str:
    """What the answers are taken from."""
    products = catalogue.products
    parts = [f"{len(products):,} products", f"{products['category'].nunique():,} categories"]
    if catalogue.skipped:
        parts.append(f"{catalogue.skipped:,} files skipped")
    return " · ".join(parts)


def page() -> None:
    """The whole page, from the settings down to the answers."""
    head = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    title = head.container()
    with head:
        catalogue = pick_catalogue()
        methods = pick_methods(catalogue)
        k = pick_k(catalogue)
    title.subheader("What do embeddings call similar?")
    title.caption(describe(catalogue))
    query, remark = url.current(catalogue, first_product(catalogue))
    messages = st.container()  # always there, so that a message moves nothing that stays
    with messages:
        if remark:
            st.info(remark)
        show_refusal()

    shown, ways = st.columns([1, 5], gap="medium")
    answers = st.container()
    with shown:
        show_query(catalogue, query)

    def ask() -> None:
        with ways:
            ask_panel(catalogue, query)
            browse(catalogue, query.value if query.kind == "product" else "")

    def reply() -> None:
        with answers:
            show_answers(catalogue, methods, query, k)

    # A product is answered at once, so its answers come first; a model may have to be waited for.
    for part in (reply, ask) if query.kind == "product" else (ask, reply):
        part()
    warm_up(tuple(catalogue.methods))


page()
