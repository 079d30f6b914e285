"""The strip of products to choose a query from: a shuffled catalogue, page by page."""

from functools import lru_cache

import numpy as np
import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.indexes import Positions
from similarity.ui.shared import query as url
from similarity.ui.shared.gallery import Column, gallery, pictures
from similarity.ui.shared.plain import cut

A_PAGE = 10  # one row on a laptop


@lru_cache(maxsize=8)  # of a million it takes 20 ms, and every run of the page asks for it
def shuffled(count: int, seed: int) -> Positions:
    """The numbers from 0 to count - 1 in an order that the seed decides: (count,)."""
    return np.random.default_rng(seed).permutation(count)


def first_product(catalogue: Catalogue) -> str:
    """The query that a visitor meets: the first product of the strip."""
    index = catalogue.products.index
    return str(index[shuffled(len(index), 0)[0]])


def browse(catalogue: Catalogue, selected: str) -> None:
    """Choose a product: by category, by chance, or page by page through all of them."""
    strip = st.container(key="strip")
    with st.container(key="bar", gap="small", horizontal=True, vertical_alignment="center"):
        category = _pick_category(catalogue)
        seed = url.number("shuffle", 0)
        st.button(
            "Shuffle",
            icon=":material/shuffle:",
            on_click=lambda: url.put(shuffle=str(seed + 1), page=None),
        )
        products = catalogue.products
        ids = products.index if category is None else products.index[products.category == category]
        number = _pick_page(-(-len(ids) // A_PAGE))
    start = (number - 1) * A_PAGE
    some = ids[shuffled(len(ids), seed)[start : start + A_PAGE]].tolist()
    column = Column(
        "products",
        pictures(catalogue.name, products, some),
        label="Products to choose from",
    )
    with strip:
        gallery(
            url.key("strip"),
            [column],
            "strip",
            selected=selected,
            on_pick=lambda product: url.ask("product", product),
        )


def _pick_category(catalogue: Catalogue) -> str | None:
    """The category that the strip is narrowed to, or None for all."""
    categories = sorted(filter(None, catalogue.products["category"].unique()))
    if not categories:
        return None
    asked = st.query_params.get("category")
    key = url.key("category", catalogue.name)
    known = url.seed(key, asked if asked in categories else None)
    return st.selectbox(
        "Category",
        categories,
        categories.index(known) if known else None,
        format_func=cut,
        placeholder=f"Category: all {len(categories):,}",
        key=key,
        label_visibility="collapsed",
        on_change=lambda: url.put(category=st.session_state[key], page=None),
    )


def _pick_page(pages: int) -> int:
    """The page of the strip, from 1."""
    key = url.key("page", pages)
    return st.pagination(
        pages,
        default=url.seed(key, min(max(url.number("page", 1), 1), pages)),
        key=key,
        max_visible_pages=3,
        on_change=lambda: url.put(page=str(st.session_state[key])),
    )


def sort_of(products: pd.DataFrame) -> str:
    """The column that tells the sorts of products apart, as far as the catalogue knows any."""
    told = [name for name in ("category", "colour") if name in products and products[name].any()]
    return told[0] if told else "path"
