"""The attribute by which results are right or wrong, and what a query expects of it."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.ui.compare.criterion import Criterion, find_named_values, make_criterion
from similarity.ui.shared import query as url
from similarity.ui.shared.attributes import get_attribute, get_shared_attributes
from similarity.ui.shared.plain import truncate


def pick_attribute(catalogue: Catalogue) -> None:
    """Let the visitor choose that attribute, if there are several."""
    attributes = get_shared_attributes(catalogue)
    if len(attributes) < 2:
        return
    key = url.widget_key("attribute", attributes)
    st.selectbox(
        "A result is right if it has the query's",
        attributes,
        attributes.index(url.set_widget(key, get_attribute(catalogue))),
        format_func=lambda name: f"Right: same {truncate(name, 30)}",
        key=key,
        on_change=lambda: url.update_url(attribute=st.session_state[key]),
        label_visibility="collapsed",
    )


def get_query_values(catalogue: Catalogue, query: url.Query) -> dict[str, str]:
    """Return the shared attributes of a product that is the query; nothing for other queries."""
    if query.kind != "product":
        return {}
    row = catalogue.products.loc[query.value]
    return {name: str(row[name]) for name in get_shared_attributes(catalogue)}


def get_criterion(catalogue: Catalogue, query: url.Query, attribute: str) -> Criterion | None:
    """Return what makes a result of a query right, or None if nothing does.

    A product expects its own value of the attribute, and a text the values that it names.
    """
    if query.kind == "picture" or not attribute:
        return None
    return _get_criterion(
        catalogue.generation.pointer, query.kind, query.value, attribute, catalogue
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _get_criterion(
    pointer: bytes, kind: str, value: str, attribute: str, _catalogue: Catalogue
) -> Criterion | None:
    products = _catalogue.products
    if kind == "text":
        values = find_named_values(value, products, get_shared_attributes(_catalogue))
        return make_criterion(products, values)
    return make_criterion(products, {attribute: products[attribute][value]}, value)
