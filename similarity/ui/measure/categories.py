"""Accuracy by category, and which categories are confused."""

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.measures.metrics.confusion import compute_confusion
from similarity.measures.metrics.retrieval import CUTOFF
from similarity.ui.measure.part import show_part_heading
from similarity.ui.shared.caches import get_neighbours
from similarity.ui.shared.heat import show_heat_map
from similarity.ui.shared.marks import get_titles, get_training_labels, mark_title, show_labels_note
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape, truncate

MAX_CATEGORIES = 40  # in a chart: the hardest ones
LISTED_CONFUSIONS = 5  # as sentences
MAX_TEXT = 60  # characters of a category in a sentence
ROW_HEIGHT = 24  # px


@st.cache_data(max_entries=4, show_spinner=False)
def get_confusion(pointer: bytes, _catalogue: Catalogue) -> pd.DataFrame:
    """Return a catalogue's confusion table, computed once; see `compute_confusion`."""
    return compute_confusion(get_neighbours(_catalogue), _catalogue.products["category"])


def has_categories(catalogue: Catalogue) -> bool:
    """Return whether at least two categories have queries."""
    return get_confusion(catalogue.generation.pointer, catalogue)["category"].nunique() > 1


def show_categories(catalogue: Catalogue) -> None:
    """Show a heat map of categories by method, and one method's most common confusions."""
    table = get_confusion(catalogue.generation.pointer, catalogue)
    show_part_heading(
        "categories",
        f"How many of the {CUTOFF} nearest of a category's products are of it. The hardest stand "
        f"first.",
        [
            f"**P@{CUTOFF} by category**: the mean over the category's queries of the share of "
            "their "
            f"{CUTOFF} nearest that are of it. n and the 95 % interval, a jackknife as above, "
            "stand where one points, and in the exported table.",
            "**Taken for**: the same share for another category. It depends on how many products "
            "that has: a common category is met more often by chance too. The largest are shown: "
            "with other products they would be smaller on average.",
        ],
    )
    correct = table[table["category"] == table["found"]]
    keys = list(dict.fromkeys(correct["method"]))
    names, training_labels = get_titles(keys), get_training_labels(keys)
    order = correct.groupby("category")["share"].mean().sort_values(kind="stable").index.tolist()
    if len(order) > MAX_CATEGORIES:
        st.caption(
            f"The {MAX_CATEGORIES} hardest of {len(order):,} categories; all are in the exported "
            "table."
        )
    visible = correct[correct["category"].isin(order[:MAX_CATEGORIES])].assign(
        title=lambda rows: [
            mark_title(names[key], key in training_labels) for key in rows["method"]
        ],
        category=lambda rows: rows["category"].map(truncate),
    )
    _show_heat_map(
        visible,
        "title",
        [mark_title(names[key], key in training_labels) for key in keys],
        [truncate(name) for name in order[:MAX_CATEGORIES]],
        f"P@{CUTOFF}",
        f"P@{CUTOFF} of {len(order)} categories by {len(keys)} methods, from "
        f"{correct['share'].min():.2f} to {correct['share'].max():.2f}",
    )
    show_labels_note(training_labels)
    _show_confusions(table, keys, names)


def _show_confusions(table: pd.DataFrame, keys: list[str], names: dict[str, str]) -> None:
    st.subheader("What is taken for what", anchor=False)
    method = pick_option("confused", "Method", keys, names.__getitem__)
    wrong = table[(table["method"] == method) & (table["category"] != table["found"])]
    worst = wrong.sort_values("share", ascending=False, kind="stable").head(LISTED_CONFUSIONS)
    if worst.empty:
        st.markdown(escape(f"{names[method]} takes no category's products for another's."))
        return
    for row in worst.itertuples():
        own_category, other_category = (
            truncate(str(row.category), MAX_TEXT),
            truncate(str(row.found), MAX_TEXT),
        )
        figures = f"{row.share:.2f} [{row.low:.2f}, {row.high:.2f}] are, n {row.n:,}."
        st.markdown(
            escape(
                f"{names[method]} takes {own_category} for {other_category}: of their {CUTOFF} "
                f"nearest, {figures}"
            )
        )
    of_method = table[table["method"] == method]
    order = sorted(set(of_method["category"]))
    if len(order) > MAX_CATEGORIES:
        return
    visible = of_method[of_method["found"].isin(order)].assign(
        category=lambda rows: rows["category"].map(truncate),
        found=lambda rows: rows["found"].map(truncate),
    )
    with st.expander("All of them in one picture", expanded=False):
        _show_heat_map(
            visible,
            "found",
            [truncate(name) for name in order],
            [truncate(name) for name in order],
            "Share",
            f"Of the {CUTOFF} nearest of each category's products by {names[method]}, the "
            "categories that they are of",
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
        alt=alt,
        show_figures=show_figures,
    )
