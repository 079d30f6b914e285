"""The products on which the chosen methods disagree most, and the walk through them."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.measures.neighbours.right import list_disagreements
from similarity.measures.neighbours.schema import WALK_K, Neighbours
from similarity.ui.shared import query as url
from similarity.ui.shared.browse import get_first_product
from similarity.ui.shared.caches import get_neighbours
from similarity.ui.shared.plain import format_count

OPENING = "opening"  # in the session's state: the first product by catalogue


def get_opening_product(catalogue: Catalogue, methods: list[str], attribute: str) -> str:
    """Return the product that the page opens with: the one that tells most of the methods apart.

    It stays the same for a visitor, whatever methods are chosen later. Before anything is measured
    it is the first product of the browser.
    """
    openings = st.session_state.setdefault(OPENING, {})
    if openings.get(catalogue.name) not in catalogue.products.index:
        products = list_walk(catalogue, methods, attribute)
        openings[catalogue.name] = products[0] if products else get_first_product(catalogue)
    return openings[catalogue.name]


def list_walk(catalogue: Catalogue, methods: list[str], attribute: str) -> list[str]:
    """Return the products on which the methods differ, most telling first.

    They differ in how many results have the product's value of the attribute or, without one, in
    the results themselves. Nothing is returned for fewer than two methods that were measured.
    """
    try:
        neighbours = get_neighbours(catalogue)
    except SimilarityError:  # not measured yet
        return []
    keys = tuple(key for key in methods if key in neighbours.by_method)
    if len(keys) < 2 or not neighbours.products:
        return []
    return _list_walk(catalogue.generation.pointer, keys, attribute, catalogue, neighbours)


@st.cache_resource(max_entries=64, show_spinner=False)
def _list_walk(
    pointer: bytes,
    methods: tuple[str, ...],
    attribute: str,
    _catalogue: Catalogue,
    _neighbours: Neighbours,
) -> list[str]:
    products: list[str] = []
    if attribute:
        values = _catalogue.products[attribute].to_numpy(dtype=object)
        k = min(WALK_K, _neighbours.k)
        products = list_disagreements(_neighbours, values, methods, k)
    return products or _neighbours.sort_by_disagreement(methods)


def show_next_button(
    catalogue: Catalogue, methods: list[str], attribute: str, query: url.Query
) -> None:
    """Show the button that makes the next product of the walk the query, if there is a walk."""
    products = list_walk(catalogue, methods, attribute)
    if not products:
        return
    position = _get_position(products, query)
    place = f" This is {position:,} of {len(products):,}." if position else ""

    def go_to_next() -> None:
        following = position % len(products)
        url.set_query("product", products[following], differ=str(following + 1))

    st.button(
        "Next disagreement",
        key=url.widget_key("next"),
        type="primary",
        icon=":material/skip_next:",
        help=f"Goes through {format_count(len(products), 'product', 'products')} on which the "
        f"chosen methods differ, the largest differences first.{place}",
        on_click=go_to_next,
    )


def _get_position(products: list[str], query: url.Query) -> int:
    """Return the query's place from 1 in the walk, or 0."""
    position = url.get_number("differ", 1)
    is_there = 0 < position <= len(products) and products[position - 1] == query.value
    return position if is_there else 0
