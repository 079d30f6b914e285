"""The attributes of a catalogue whose values products share, such as category and colour."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.criterion import list_shared_attributes
from similarity.display.text import truncate


def get_shared_attributes(catalogue: Catalogue) -> list[str]:
    """Return a catalogue's shared attributes, cached."""
    return _list_shared_attributes(catalogue.generation.pointer, catalogue)


@st.cache_data(max_entries=4, show_spinner=False)
def _list_shared_attributes(pointer: bytes, _catalogue: Catalogue) -> list[str]:
    return list_shared_attributes(_catalogue.products)


def get_attribute(catalogue: Catalogue) -> str:
    """Return the attribute that right results share with the query: that of the URL, or the first.

    Empty for a catalogue whose products share no attribute.
    """
    attributes = get_shared_attributes(catalogue)
    requested = st.query_params.get("attribute", "")
    return requested if requested in attributes else next(iter(attributes), "")


def explain_attribute(catalogue: Catalogue) -> str:
    """Return a remark if the URL's attribute is none of this catalogue's; empty otherwise."""
    requested, attribute = st.query_params.get("attribute"), get_attribute(catalogue)
    if not requested or requested == attribute:
        return ""
    remark = f"No attribute “{truncate(requested, 40)}” is shared by products of this catalogue"
    return f"{remark}; using {truncate(attribute, 40)}." if attribute else f"{remark}."


def explain_missing_attributes(catalogue: Catalogue) -> str:
    """Return why no result counts as right or wrong; empty if an attribute decides that."""
    if get_shared_attributes(catalogue):
        return ""
    return _explain_missing_attributes(catalogue.generation.pointer, catalogue)


@st.cache_data(max_entries=4, show_spinner=False)
def _explain_missing_attributes(pointer: bytes, _catalogue: Catalogue) -> str:
    products = _catalogue.products
    category = str(products["category"].iloc[0])
    if len(products) == 1:
        reason = "This catalogue has one product"
    elif category and (products["category"] == category).all():
        reason = f"All products are in the category “{truncate(category, 40)}”"
    else:
        reason = "Products share no attribute, such as a category or a colour"
    return f"{reason}, so no result counts as right or wrong."
