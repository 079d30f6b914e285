"""The filter in the URL, which pages share: the products that their results come from."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.filters import describe_clause, read_parameters
from similarity.display.text import format_count, truncate
from similarity.filters import (
    PREFIX,
    Condition,
    Filter,
    Selection,
    format_condition,
)
from similarity.ui.shared import query as url
from similarity.ui.shared.plain import escape


class PageFilter(NamedTuple):
    """The filter of a page, the products that it leaves, and what was ignored in the URL.

    Without a filter, the selection is None.
    """

    filter: Filter
    among: Selection | None
    remark: str


def get_filter(catalogue: Catalogue) -> PageFilter:
    """Return the filter in the URL. Unknown attributes and values are left out, with a remark."""
    parameters = {name: st.query_params.get_all(name) for name in st.query_params}
    clauses, remark = read_parameters(catalogue, parameters)
    return PageFilter(clauses, catalogue.attributes.select(clauses), remark)


def set_conditions(attribute: str, conditions: Sequence[Condition]) -> None:
    """Set the conditions on one attribute in the URL; none removes it from the filter."""
    texts = [format_condition(condition) for condition in conditions]
    url.update_url(**{PREFIX + attribute: texts or None})


def clear_filter() -> None:
    """Remove the filter from the URL."""
    url.update_url(**{name: None for name in st.query_params if name.startswith(PREFIX)})


def show_filter(
    catalogue: Catalogue, page_filter: PageFilter, more: Mapping[str, str] | None = None
) -> None:
    """Show what limits the products, each part with a button that removes it.

    `more` are what else limits results, by the URL parameter that is removed.
    """
    more = more or {}
    if page_filter.remark:
        st.info(escape(truncate(page_filter.remark)))
    if page_filter.among is None and not more:
        return
    with st.container(key="filter", horizontal=True, gap="xsmall", vertical_alignment="center"):
        for clause in page_filter.filter:
            st.button(
                escape(describe_clause(clause)),
                icon=":material/close:",
                help="Remove this filter",
                key=url.widget_key(f"remove {clause.attribute}"),
                on_click=set_conditions,
                args=(clause.attribute, ()),
            )
        for parameter, label in more.items():
            st.button(
                escape(label),
                icon=":material/close:",
                key=url.widget_key(f"remove {parameter}"),
                on_click=url.update_url,
                kwargs={parameter: None},
            )
        if len(page_filter.filter) > 1:
            st.button("Remove all filters", type="tertiary", on_click=clear_filter)
        if page_filter.among is not None:
            st.caption(
                f"{len(page_filter.among.positions):,} of "
                f"{format_count(catalogue.attributes.count, 'product', 'products')}",
                width="content",
            )
    if page_filter.among is not None and not len(page_filter.among.positions):
        st.info(escape(explain_empty(catalogue, page_filter.filter)))


def explain_empty(catalogue: Catalogue, filter: Filter) -> str:
    """Return which part of a filter that leaves nothing to remove, and what is left then."""
    counts = {
        clause: int(catalogue.attributes.match(tuple(c for c in filter if c != clause)).sum())
        for clause in filter
    }
    clause = max(counts, key=counts.__getitem__)
    if not counts[clause]:
        return "No product fits these filters, even without one of them. Remove two or more."
    count = format_count(counts[clause], "product fits", "products fit")
    return f"No product fits these filters. Remove “{describe_clause(clause)}”: {count} the others."
