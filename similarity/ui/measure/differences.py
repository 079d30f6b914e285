"""The overlap of two methods over all products, and the products of selected bars."""

from math import ceil, floor
from typing import cast

import altair as alt
import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.marks import get_titles
from similarity.display.text import format_count
from similarity.measures.neighbours.differences import (
    SUBSETS,
    MethodComparison,
    Subset,
    compare_methods,
)
from similarity.measures.neighbours.schema import WALK_K, Neighbours
from similarity.ui.shared import query as url
from similarity.ui.shared.disagreements import sort_by_disagreement
from similarity.ui.shared.open_compare import request_compare
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.section import Section
from similarity.ui.shared.split import show_split

HALF_WIDTH = 0.45  # of a bar


def make_differences_section(
    catalogue: Catalogue, products: pd.DataFrame, neighbours: Neighbours
) -> Section | None:
    """Return the section about two methods, if there are two and products to compare."""
    if len(neighbours.methods) < 2 or not len(neighbours.queries):
        return None
    one, other = _get_pair(neighbours)
    k = _get_k(neighbours)
    names = get_titles(catalogue, [one, other])
    mean = neighbours.compute_overlap(one, other, k).mean()
    conclusion = "Biggest disagreements"
    if one != other:
        conclusion += (
            f": {names[one]} and {names[other]} share {mean:.1f} of {k} results on average"
        )
    facts = [
        "**Shared results**: how many of the first k products by one method are among the first k "
        "by the other, in any order. Found by exact search when the catalogue was built, "
        f"for up to {neighbours.k} products each, so that k changes at once.",
        "**Order**: the products whose numbers of right results differ most come first, as "
        "on Compare. A result is right if it has the value of the attribute chosen there.",
        "**Right** in the filter is a method whose first result has the query's category, which "
        "is only a proxy of similarity.",
        "The idea of the histogram is Embedding Comparator's (Boggust, Carter and Satyanarayan "
        "2022, arXiv:1912.04853).",
    ]
    return Section(
        "differ", conclusion, lambda: _show_differences(catalogue, products, neighbours), facts
    )


def _show_differences(catalogue: Catalogue, products: pd.DataFrame, neighbours: Neighbours) -> None:
    """Show two methods, k, the histogram, and the products selected in it."""
    one, other = _pick_pair(catalogue, neighbours)
    if one == other:
        st.info("Choose two different methods.")
        return
    k = _pick_k(neighbours)
    comparison = compare_methods(neighbours, one, other, k, products["category"].tolist())
    names = get_titles(catalogue, [one, other])
    low, high = _get_range(k)
    st.caption("Drag over bars to list the products behind them.")
    _show_histogram(comparison, names, low, high)
    low, high = _pick_range(k, low, high)
    subset = _pick_subset(comparison, names)
    rows = sort_by_disagreement(
        catalogue, [one, other], comparison.list_rows(subset, low, high), neighbours.products
    )
    pair = f"{one},{other}"
    show_split(catalogue, comparison, names, rows, lambda picked, _: request_compare(picked, pair))


def _get_pair(neighbours: Neighbours) -> tuple[str, str]:
    """Return the two methods in the URL, or the first and the last."""
    requested = st.query_params.get("pair", "").split(",")
    if len(requested) == 2 and set(requested) <= set(neighbours.methods):
        return requested[0], requested[1]
    return neighbours.methods[0], neighbours.methods[-1]


def _pick_pair(catalogue: Catalogue, neighbours: Neighbours) -> tuple[str, str]:
    """Let the visitor choose two methods."""
    keys = [url.widget_key(name, neighbours.methods) for name in ("one", "other")]

    def handle_pair() -> None:
        url.update_url(pair=",".join(st.session_state[key] for key in keys), rows=None)

    with st.container(horizontal=True, gap="medium"):
        for key, method, label in zip(
            keys, _get_pair(neighbours), ("One method", "The other"), strict=True
        ):
            st.selectbox(
                label,
                neighbours.methods,
                neighbours.methods.index(url.set_widget(key, method)),
                format_func=lambda method: catalogue.registry[method].title,
                key=key,
                on_change=handle_pair,
                width=280,
            )
    return st.session_state[keys[0]], st.session_state[keys[1]]


def _get_k(neighbours: Neighbours) -> int:
    """Return the number of results in the URL that are compared."""
    return min(max(url.get_number("first", WALK_K), 1), neighbours.k)


def _pick_k(neighbours: Neighbours) -> int:
    """Let the visitor choose how many results are compared."""
    if neighbours.k == 1:
        return 1
    key = url.widget_key("first", neighbours.k)
    st.slider(
        "Compare the first … results",
        1,
        neighbours.k,
        url.set_widget(key, _get_k(neighbours)),
        key=key,
        on_change=lambda: url.update_url(first=str(st.session_state[key]), rows=None),
        width=420,
    )
    return st.session_state[key]


def _get_range(k: int) -> tuple[int, int]:
    """Return the bars selected in the URL, all by default."""
    low, _, high = st.query_params.get("common", "").partition("-")
    if all(text.isascii() and text.isdigit() and len(text) < 9 for text in (low, high)):
        return min(int(low), k), min(max(int(low), int(high)), k)
    return 0, k


def _set_range(low: int, high: int) -> None:
    url.update_url(common=f"{low}-{high}", rows=None)


def _show_histogram(
    comparison: MethodComparison, names: dict[str, str], low: int, high: int
) -> None:
    one, other = names.values()
    bars = (
        pd.DataFrame({"products": comparison.compute_histogram()})
        .rename_axis("shared")
        .reset_index()
    )
    bars["from"], bars["to"] = bars["shared"] - HALF_WIDTH, bars["shared"] + HALF_WIDTH
    bars["none"] = 0
    bars["selected"] = (bars["shared"] >= low) & (bars["shared"] <= high)
    brush = alt.selection_interval(name="brush", encodings=["x"])
    step = max(1, comparison.k // 12)
    chart = (
        alt.Chart(bars)
        .mark_rect(cornerRadius=2)
        .encode(
            alt.X(
                "from:Q",
                title=f"Shared results of {comparison.k}",
                scale=alt.Scale(domain=[-0.6, comparison.k + 0.6], nice=False),
                axis=alt.Axis(
                    values=list(range(0, comparison.k + 1, step)), format="d", grid=False
                ),
            ),
            alt.X2("to:Q"),
            alt.Y("products:Q", title="Products"),
            alt.Y2("none:Q"),
            opacity=alt.condition("datum.selected", alt.value(1), alt.value(0.3)),
            tooltip=[
                alt.Tooltip("shared:Q", title="Shared results"),
                alt.Tooltip("products:Q", title="Products", format=","),
            ],
        )
        .add_params(brush)
        .properties(height=220)
    )
    key = url.widget_key("histogram", (comparison.one, comparison.other, comparison.k))

    def handle_brush() -> None:
        match dict(st.session_state[key].selection.get("brush", {})):
            case {"from": [start, end]}:
                start, end = sorted((float(start), float(end)))
                first, last = ceil(start - HALF_WIDTH), floor(end + HALF_WIDTH)
                if first <= last:
                    _set_range(max(first, 0), min(last, comparison.k))

    st.altair_chart(
        chart,
        width="stretch",
        key=key,
        on_select=handle_brush,
        selection_mode="brush",
        alt=f"How many products share how many of {comparison.k} results by {one} and {other}: "
        + ", ".join(f"{i}: {count}" for i, count in enumerate(bars["products"])),
    )


def _pick_range(k: int, low: int, high: int) -> tuple[int, int]:
    """Let the visitor select bars without a mouse."""
    key = url.widget_key("common", k)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.slider(
            "Shared results",
            0,
            k,
            url.set_widget(key, (low, high)),
            key=key,
            on_change=lambda: _set_range(*st.session_state[key]),
            width=420,
        )
        st.button(
            "All",
            icon=":material/select_all:",
            disabled=(low, high) == (0, k),
            on_click=lambda: url.update_url(common=None, rows=None),
        )
    return st.session_state[key]


def _pick_subset(comparison: MethodComparison, names: dict[str, str]) -> Subset:
    """Let the visitor choose which products are listed."""
    one, other = names.values()
    counts = {subset: int(comparison.is_in_subset(subset).sum()) for subset in SUBSETS}
    both_right = int(
        (comparison.has_category & comparison.is_right & comparison.is_other_right).sum()
    )
    labels = {
        "all": f"All, {counts['all']:,}",
        "one": f"{one} right, {other} wrong: {counts['one']:,}",
        "other": f"{other} right, {one} wrong: {counts['other']:,}",
    }
    subset: Subset = "all"
    if comparison.has_category.any():
        subset = cast(
            Subset, pick_option("list", "Products", SUBSETS, labels.__getitem__, rows=None)
        )
        with_category = int(comparison.has_category.sum())
        neither = with_category - both_right - counts["one"] - counts["other"]
        st.caption(
            f"By category, of {format_count(with_category, 'query', 'queries')}: both right "
            f"{both_right:,}, neither {neither:,}."
        )
    return subset
