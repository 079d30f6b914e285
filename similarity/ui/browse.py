"""The strip of products to choose a query from: a shuffled catalogue, page by page."""

import numpy as np
import streamlit as st

from similarity.search import Catalogue
from similarity.ui import query as url
from similarity.ui.gallery import Column, gallery, pictures

A_PAGE = 12  # one row on a wide screen


def shuffled(products: list[str], seed: int) -> list[str]:
    """All products once, in an order that the seed decides."""
    return [products[i] for i in np.random.default_rng(seed).permutation(len(products))]


def first_product(catalogue: Catalogue) -> str:
    """The query that a visitor meets: the first product of the strip."""
    return shuffled(list(catalogue.products.index), 0)[0]


def reshuffle() -> None:
    st.session_state["shuffle"] = st.session_state.get("shuffle", 0) + 1
    st.session_state["strip_page"] = 1


def browse(catalogue: Catalogue, selected: str) -> None:
    """Choose a product: by category, by chance, or page by page through all of them."""
    products = catalogue.products
    categories = sorted(products["category"].unique())
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with bar:
        category = st.selectbox(
            "Category",
            categories,
            index=None,
            placeholder=f"All {len(categories)} categories",
            key="category",
            label_visibility="collapsed",
            width=220,
        )
        st.button("Shuffle", icon=":material/shuffle:", on_click=reshuffle)
    ids = list(
        products.index if category is None else products.index[products.category == category]
    )
    pages = -(-len(ids) // A_PAGE)
    with bar:
        number = min(st.pagination(pages, key="strip_page", max_visible_pages=5), pages)
    some = shuffled(ids, st.session_state.get("shuffle", 0))[(number - 1) * A_PAGE :][:A_PAGE]
    cells = pictures(catalogue.name, products, some)
    gallery(
        "strip", [Column("products", cells)], "strip", selected, lambda p: url.ask("product", p)
    )
