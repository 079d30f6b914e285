"""The attribute by which results are right or wrong, and what a query expects of it."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.criterion import Criterion, find_criterion
from similarity.display.text import truncate
from similarity.filters import Filter, Selection
from similarity.parts import Term
from similarity.ui.shared import query as url
from similarity.ui.shared.attributes import get_attribute, get_shared_attributes


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
    """Return the shared attributes of the product that a query looks for, if it is a product."""
    if query.picture is None or query.picture.kind != "product":
        return {}
    row = catalogue.products.loc[query.picture.value]
    return {name: str(row[name]) for name in get_shared_attributes(catalogue)}


def get_criterion(
    catalogue: Catalogue, query: url.Query, attribute: str, among: Selection | None
) -> Criterion | None:
    """Return what makes a result of a query right, or None if nothing `among` the products does.

    See `find_criterion`.
    """
    if not attribute or (query.picture and query.picture.upload and not query.has_words):
        return None
    filter = among.filter if among else ()
    return _get_criterion(
        catalogue.generation.pointer, query.terms, attribute, filter, catalogue, among
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _get_criterion(
    pointer: bytes,
    terms: tuple[Term, ...],
    attribute: str,
    filter: Filter,
    _catalogue: Catalogue,
    _among: Selection | None,
) -> Criterion | None:
    return find_criterion(_catalogue, terms, attribute, _among)
