"""The strip of products to choose a query from: a shuffled catalogue in pages."""

from functools import lru_cache

import numpy as np
import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.text import truncate
from similarity.indexes import Positions
from similarity.ui.shared import query as url
from similarity.ui.shared.gallery import Column, make_pictures, read_rows, show_gallery
from similarity.ui.shared.pages import pick_page

PAGE_SIZE = 10  # one row on a laptop


@lru_cache(maxsize=8)  # takes 20 ms for a million products, and every run of the page calls it
def shuffle_positions(count: int, seed: int) -> Positions:
    """Return the numbers from 0 to count - 1 in an order given by the seed: (count,)."""
    return np.random.default_rng(seed).permutation(count)


def get_first_product(catalogue: Catalogue) -> str:
    """Return the initial query: the first product of the strip."""
    index = catalogue.products.index
    return str(index[shuffle_positions(len(index), 0)[0]])


def show_browser(catalogue: Catalogue, selected: str) -> None:
    """Let the visitor choose a product by category, by shuffling, or page by page."""
    strip = st.container(key="strip")
    with st.container(key="bar", gap="small", horizontal=True, vertical_alignment="center"):
        category = _pick_category(catalogue)
        seed = url.get_number("shuffle", 0)
        st.button(
            "Shuffle",
            icon=":material/shuffle:",
            on_click=lambda: url.update_url(shuffle=str(seed + 1), page=None),
        )
        products = catalogue.products
        ids = products.index if category is None else products.index[products.category == category]
        number = pick_page("page", -(-len(ids) // PAGE_SIZE))
    start = (number - 1) * PAGE_SIZE
    page_ids = ids[shuffle_positions(len(ids), seed)[start : start + PAGE_SIZE]].tolist()
    column = Column(
        "products",
        make_pictures(catalogue.name, read_rows(products, page_ids)),
        label="Products to choose from",
    )
    with strip:
        show_gallery(
            url.widget_key("strip"),
            [column],
            "strip",
            selected=selected,
            on_pick=lambda product: url.set_query("product", product),
        )


def _pick_category(catalogue: Catalogue) -> str | None:
    """Return the category that the strip is limited to, or None for all."""
    categories = sorted(filter(None, catalogue.products["category"].unique()))
    if not categories:
        return None
    requested = st.query_params.get("category")
    key = url.widget_key("category", catalogue.name)
    selected_category = url.set_widget(key, requested if requested in categories else None)
    return st.selectbox(
        "Category",
        categories,
        categories.index(selected_category) if selected_category else None,
        format_func=truncate,
        placeholder=f"Category: all {len(categories):,}",
        key=key,
        label_visibility="collapsed",
        on_change=lambda: url.update_url(category=st.session_state[key], page=None),
    )


def find_kind_column(products: pd.DataFrame) -> str:
    """Return the column that distinguishes kinds of products, or the path if there is none."""
    columns = [name for name in ("category", "colour") if name in products and products[name].any()]
    return columns[0] if columns else "path"
