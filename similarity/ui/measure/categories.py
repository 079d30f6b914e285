"""Accuracy by category, and which categories are confused."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.marks import get_titles, mark_titles
from similarity.display.plurals import pluralise
from similarity.display.text import truncate
from similarity.filters import Filter
from similarity.measures.metrics.confusion import compute_confusion
from similarity.measures.metrics.retrieval import CUTOFF, DEFAULT_METRIC
from similarity.measures.metrics.verdict import format_value
from similarity.measures.neighbours.schema import Neighbours
from similarity.ui.shared.heat import show_heat_map
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape
from similarity.ui.shared.section import Section

HARDEST = 12  # categories that are shown at first
MAX_CATEGORIES = 40  # in a chart: the hardest ones
EXPONENT = 3  # of the scale of colours: shares above 0.9 differ visibly
LISTED_CONFUSIONS = 5  # as sentences
MAX_TEXT = 60  # characters of a category in a sentence
ROW_HEIGHT = 22  # px


@st.cache_data(max_entries=4, show_spinner=False)
def get_confusion(
    pointer: bytes, filter: Filter, _products: pd.DataFrame, _neighbours: Neighbours
) -> pd.DataFrame:
    """Return the confusion table of the products that a filter leaves, computed once.

    These are `_products`, with their `_neighbours`. See `compute_confusion`.
    """
    return compute_confusion(_neighbours, _products["category"])


def make_categories_section(
    catalogue: Catalogue,
    products: pd.DataFrame,
    neighbours: Neighbours,
    filter: Filter,
    labels: Mapping[str, str],
) -> Section | None:
    """Return the section about each category, if at least two have queries.

    `products` are those that the filter leaves, and `neighbours` theirs. `labels` name the product
    labels that methods were trained with.
    """
    table = get_confusion(catalogue.generation.pointer, filter, products, neighbours)
    if table["category"].nunique() < 2:
        return None
    correct = table[table["category"] == table["found"]]
    hardest = correct.groupby("category")["share"].mean().sort_values(kind="stable")
    conclusion = (
        f"Hardest category: {pluralise(truncate(str(hardest.index[0]), MAX_TEXT))}, "
        f"{format_value(DEFAULT_METRIC, hardest.iloc[0])} right on average"
    )
    facts = [
        f"**Share of the top {CUTOFF} in the right category** (P@{CUTOFF}): the mean over the "
        "category's queries, with its 95 % interval by the jackknife described under Metrics. n "
        "and the interval are in the tooltips and in the exported table. The scale of colours "
        "separates high shares.",
        "**Mix-ups**: the same share for another category. It depends on how many products "
        "that category has: a common one is met more often by chance, too. The largest are shown; "
        "with other products they would be smaller on average.",
    ]
    order = [str(name) for name in hardest.index]
    return Section(
        "categories",
        conclusion,
        lambda: _show_categories(catalogue, table, correct, order, labels),
        facts,
    )


def _show_categories(
    catalogue: Catalogue,
    table: pd.DataFrame,
    correct: pd.DataFrame,
    order: list[str],
    labels: Mapping[str, str],
) -> None:
    keys = list(dict.fromkeys(correct["method"]))
    titles = mark_titles(catalogue, keys, labels)
    st.markdown(f"Share of the top {CUTOFF} in the right category, the hardest categories first:")
    visible_order = order
    if len(order) > HARDEST:
        choices = {"hardest": f"Hardest {HARDEST}", "all": f"All {len(order):,}"}
        if pick_option("categories", "Categories", tuple(choices), choices.__getitem__) != "all":
            visible_order = order[:HARDEST]
    if len(visible_order) > MAX_CATEGORIES:
        visible_order = order[:MAX_CATEGORIES]
        st.caption(f"The {MAX_CATEGORIES} hardest; the exported table has all.")
    visible = correct[correct["category"].isin(visible_order)].assign(
        title=lambda rows: [titles[key] for key in rows["method"]],
        category=lambda rows: rows["category"].map(truncate),
    )
    _show_heat_map(
        visible,
        "title",
        list(titles.values()),
        [truncate(name) for name in visible_order],
        f"P@{CUTOFF}",
        f"P@{CUTOFF} of {len(visible_order)} categories by {len(keys)} methods, from "
        f"{visible['share'].min():.2f} to {visible['share'].max():.2f}",
    )
    _show_confusions(table, keys, get_titles(catalogue, keys))


def _show_confusions(table: pd.DataFrame, keys: list[str], names: dict[str, str]) -> None:
    st.subheader("Common mix-ups", anchor=False)
    method = pick_option("confused", "Method", keys, names.__getitem__)
    wrong = table[(table["method"] == method) & (table["category"] != table["found"])]
    worst = wrong.sort_values("share", ascending=False, kind="stable").head(LISTED_CONFUSIONS)
    if worst.empty:
        st.markdown(escape(f"{names[method]} mistakes no category for another."))
        return
    for row in worst.itertuples():
        category, other = (
            pluralise(truncate(str(text), MAX_TEXT)) for text in (row.category, row.found)
        )
        share = format_value(DEFAULT_METRIC, row.share)
        st.markdown(
            escape(f"{names[method]} mistakes {category} for {other} ({share})."),
            help=escape(
                f"Of the top {CUTOFF} of {category}, a share of {row.share:.2f} "
                f"[{row.low:.2f}, {row.high:.2f}] are {other}, n {row.n:,}."
            ),
        )
    of_method = table[table["method"] == method]
    order = sorted(set(of_method["category"]))
    if len(order) > MAX_CATEGORIES:
        return
    visible = of_method[of_method["found"].isin(order)].assign(
        category=lambda rows: rows["category"].map(truncate),
        found=lambda rows: rows["found"].map(truncate),
    )
    with st.popover("All mix-ups in one chart", icon=":material/grid_on:"):
        _show_heat_map(
            visible,
            "found",
            [truncate(name) for name in order],
            [truncate(name) for name in order],
            "Share",
            f"The categories of the top {CUTOFF} of each category's products by {names[method]}",
            show_figures=len(order) <= 12,
        )


def _show_heat_map(
    rows: pd.DataFrame,
    x: str,
    columns: list[str],
    lines: list[str],
    title: str,
    alt: str,
    show_figures: bool = True,
) -> None:
    tiles = rows[["category", x, "share", "n"]].assign(
        figure=[
            f"{row.share:.3f} [{row.low:.3f}, {row.high:.3f}]"
            for row in rows[["share", "low", "high"]].itertuples()
        ]
    )
    show_heat_map(
        tiles.to_dict("records"),
        x=x,
        y="category",
        value="share",
        x_labels=columns,
        y_labels=lines,
        tooltips={
            "category": "Category",
            x: "Found" if x == "found" else "Method",
            "figure": title,
            "n": "Queries",
        },
        row_height=ROW_HEIGHT,
        exponent=EXPONENT,
        alt=alt,
        show_figures=show_figures,
    )
