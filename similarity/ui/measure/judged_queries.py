"""The judged queries by which two methods differ most, with the grades of their results."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.judgments.comparison import Comparison
from similarity.judgments.judgment import GRADES
from similarity.judgments.measures import MEASURES
from similarity.judgments.store import Judgments
from similarity.parts import Term
from similarity.pictures.read import read_picture
from similarity.pictures.thumbnails import make_thumbnail
from similarity.ui.shared import query as url
from similarity.ui.shared.gallery import make_data_url
from similarity.ui.shared.open_compare import request_compare
from similarity.ui.shared.pages import get_page, pick_page
from similarity.ui.shared.rows import Cell, Group, Row, make_cells, show_rows
from similarity.ui.shared.uploads import store_picture

PAGE_SIZE = 4  # queries
RESULTS = 6  # of each method


class Pair(NamedTuple):
    """Two methods that are compared."""

    one: str
    other: str


def show_disputed(
    catalogue: Catalogue, comparison: Comparison, measure: str, titles: Mapping[str, str]
) -> None:
    """Show the queries by which two methods differ most; each opens on Compare."""
    st.markdown("**Queries on which two methods differ most.** Click one to open it on Compare.")
    pair = _pick_pair(catalogue, comparison, measure, titles)
    if pair.one == pair.other:
        st.info("Choose two different methods.")
        return
    numbers = comparison.list_disputed(*pair, measure)
    if not numbers:
        st.info(f"{titles[pair.one]} and {titles[pair.other]} do equally well for every query.")
        return
    pages = -(-len(numbers) // PAGE_SIZE)
    page = get_page("disputed", pages)
    rows = [
        _make_row(catalogue, comparison, number, pair, measure, titles)
        for number in numbers[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    ]

    def open_query(_: str, key: str) -> None:
        query = comparison.queries[int(key)]
        value = query.value
        if query.kind == "picture":
            content = Judgments(catalogue.folder).read_picture(value)
            value = store_picture("judged", content).id
        request_compare(value, ",".join(pair), query.kind)

    show_rows("disputed", rows, open_query)
    if pages > 1:
        pick_page("disputed", pages)


def _pick_pair(
    catalogue: Catalogue, comparison: Comparison, measure: str, titles: Mapping[str, str]
) -> Pair:
    """Let the visitor choose two methods: those in the URL, or else the first and the last."""
    keys = list(comparison.table.rank_methods(measure))
    requested = st.query_params.get("between", "").split(",")
    is_valid = len(requested) == 2 and set(requested) <= set(keys)
    values = requested if is_valid else [keys[0], keys[-1]]
    widgets = [url.widget_key(f"judged {name}", keys) for name in ("one", "other")]

    def handle_change() -> None:
        url.update_url(
            between=",".join(st.session_state[widget] for widget in widgets), disputed=None
        )

    with st.container(horizontal=True, gap="medium"):
        for widget, value, label in zip(widgets, values, ("One method", "The other"), strict=True):
            st.selectbox(
                label,
                keys,
                keys.index(url.set_widget(widget, value)),
                format_func=titles.__getitem__,
                key=widget,
                on_change=handle_change,
                width=280,
            )
    return Pair(*(st.session_state[widget] for widget in widgets))


def _make_row(
    catalogue: Catalogue,
    comparison: Comparison,
    number: int,
    pair: Pair,
    measure: str,
    titles: Mapping[str, str],
) -> Row:
    query = comparison.queries[number]
    grades = comparison.grades[query]
    column = MEASURES.index(measure)
    groups, figures = [], []
    for key in pair:
        products = comparison.rankings[key][number][:RESULTS]
        notes = [GRADES.get(grades.get(product, -1), "unjudged") for product in products]
        figures.append(f"{titles[key]} {comparison.values[key][number, column]:.2f}")
        cells = make_cells(catalogue.name, catalogue.products, products, notes)
        groups.append(Group(figures[-1], cells))
    cell = _make_query_cell(catalogue, query)
    title = f"{cell.title if cell else f'“{query.value}”'}: {', '.join(figures)}"
    return Row(str(number), title, groups, cell)


def _make_query_cell(catalogue: Catalogue, query: Term) -> Cell | None:
    """Return a query's picture, or None for a text."""
    if query.kind == "product":
        return make_cells(catalogue.name, catalogue.products, [query.value])[0]
    if query.kind == "picture":
        try:
            content = Judgments(catalogue.folder).read_picture(query.value)
            return Cell(query.value, make_data_url(make_thumbnail(read_picture(content))), "Photo")
        except SimilarityError:
            return None
    return None
