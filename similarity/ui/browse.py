"""The strip of products to choose a query from: a shuffled catalogue, page by page."""

import numpy as np
import streamlit as st

from similarity.search import Catalogue
from similarity.ui import query as url
from similarity.ui.gallery import Column, gallery, pictures
from similarity.ui.plain import cut

A_PAGE = 12  # one row on a wide screen


def shuffled(products: list[str], seed: int) -> list[str]:
    """All products once, in an order that the seed decides."""
    return [products[i] for i in np.random.default_rng(seed).permutation(len(products))]


def first_product(catalogue: Catalogue) -> str:
    """The query that a visitor meets: the first product of the strip."""
    return shuffled(list(catalogue.products.index), 0)[0]


def browse(catalogue: Catalogue, selected: str) -> None:
    """Choose a product: by category, by chance, or page by page through all of them."""
    products = catalogue.products
    categories = sorted(products["category"].unique())
    turn = url.key("strip_page")
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with bar:
        category = st.selectbox(
            "Category",
            categories,
            index=None,
            format_func=cut,
            placeholder=f"All {len(categories)} categories",
            key=url.key("category", catalogue.name),
            label_visibility="collapsed",
            width=220,
            persist_state="session",
        )
        st.button("Shuffle", icon=":material/shuffle:", on_click=_reshuffle, args=(turn,))
    ids = list(
        products.index if category is None else products.index[products.category == category]
    )
    pages = -(-len(ids) // A_PAGE)
    with bar:
        chosen = st.pagination(pages, key=turn, max_visible_pages=5, persist_state="session")
        number = min(chosen, pages)
    some = shuffled(ids, st.session_state.get("shuffle", 0))[(number - 1) * A_PAGE :][:A_PAGE]
    cells = pictures(catalogue.name, products, some)
    strip = [Column("products", cells)]
    gallery(url.key("strip"), strip, "strip", selected, lambda p: url.ask("product", p))


def _reshuffle(turn: str) -> None:
    st.session_state["shuffle"] = st.session_state.get("shuffle", 0) + 1
    st.session_state[turn] = 1
