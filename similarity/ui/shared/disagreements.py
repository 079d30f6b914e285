"""The products on which methods disagree most: one order for all pages."""

from collections.abc import Sequence

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.measures.neighbours.right import list_disagreements
from similarity.measures.neighbours.schema import WALK_K, Neighbours
from similarity.ui.shared.attributes import get_attribute
from similarity.ui.shared.caches import get_neighbours


def get_disagreements(catalogue: Catalogue, methods: Sequence[str]) -> list[str]:
    """Return the products on which the methods differ, the largest differences first.

    They differ in how many results have the product's value of the attribute in the URL or, without
    one, in the results themselves. Nothing is returned for fewer than two methods that were
    measured.
    """
    try:
        neighbours = get_neighbours(catalogue)
    except SimilarityError:  # not measured yet
        return []
    keys = tuple(key for key in methods if key in neighbours.by_method)
    if len(keys) < 2 or not neighbours.products:
        return []
    attribute = get_attribute(catalogue)
    return _list_disagreements(catalogue.generation.pointer, keys, attribute, catalogue, neighbours)


@st.cache_resource(max_entries=64, show_spinner=False)
def _list_disagreements(
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


def sort_by_disagreement(
    catalogue: Catalogue, methods: Sequence[str], rows: Sequence[int], products: Sequence[str]
) -> list[int]:
    """Return rows of `products` in the order of `get_disagreements`, then the other rows."""
    places = {product: i for i, product in enumerate(get_disagreements(catalogue, methods))}
    return sorted(rows, key=lambda row: places.get(products[row], len(places)))
