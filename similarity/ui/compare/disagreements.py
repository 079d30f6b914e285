"""The products on which the chosen methods disagree most: the next one, and a list of them."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.text import format_count
from similarity.ui.shared import query as url
from similarity.ui.shared.browse import get_first_product
from similarity.ui.shared.disagreements import get_disagreements
from similarity.ui.shared.gallery import Column, make_pictures, read_rows, show_gallery

OPENING = "opening"  # in the session's state: the first product by catalogue
LISTED = 30  # products


def get_opening_product(catalogue: Catalogue, methods: list[str]) -> str:
    """Return the product that the page opens with: the one that tells most of the methods apart.

    It stays the same for a visitor, whatever methods are chosen later. Before anything is measured
    it is the first product of the browser.
    """
    openings = st.session_state.setdefault(OPENING, {})
    if openings.get(catalogue.name) not in catalogue.products.index:
        products = get_disagreements(catalogue, methods)
        openings[catalogue.name] = products[0] if products else get_first_product(catalogue)
    return openings[catalogue.name]


def show_disagreements(catalogue: Catalogue, methods: list[str], query: url.Query) -> None:
    """Show the button for the next disagreement and a list of the first, if there are any."""
    products = get_disagreements(catalogue, methods)
    if not products:
        return
    position = _get_position(products, query)
    place = f" This is {position:,} of {len(products):,}." if position else ""
    st.button(
        "Next disagreement",
        key=url.widget_key("next"),
        type="primary",
        icon=":material/skip_next:",
        help=f"Goes through {format_count(len(products), 'product', 'products')} on which the "
        f"chosen methods differ, the largest differences first.{place}",
        on_click=_go_to,
        args=(products, position % len(products)),
    )
    listed = products[:LISTED]
    with st.popover("All", help="The biggest disagreements"):
        st.markdown("**Biggest disagreements** of the chosen methods, the largest first")
        show_gallery(
            url.widget_key("disagreements"),
            [
                Column(
                    "disagreements",
                    make_pictures(catalogue.name, read_rows(catalogue.products, listed)),
                    label="Biggest disagreements",
                )
            ],
            "strip",
            selected=query.value if query.kind == "product" else "",
            on_pick=lambda product: _go_to(products, products.index(product)),
        )


def _go_to(products: list[str], place: int) -> None:
    url.set_query("product", products[place], differ=str(place + 1))


def _get_position(products: list[str], query: url.Query) -> int:
    """Return the query's place from 1 in the list, or 0."""
    position = url.get_number("differ", 1)
    is_there = 0 < position <= len(products) and products[position - 1] == query.value
    return position if is_there else 0
