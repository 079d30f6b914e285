"""Category by category: how many of the nearest are of it, and which others."""

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.measures.metrics.confusion import confusion
from similarity.measures.metrics.retrieval import AT
from similarity.ui.measure.part import heading
from similarity.ui.shared.caches import shared_neighbours
from similarity.ui.shared.heat import heat
from similarity.ui.shared.marks import labels, marked, show_taught, titles
from similarity.ui.shared.pickers import choose
from similarity.ui.shared.plain import cut, plain

MOST = 40  # categories in a picture: those that are hardest
SAID = 5  # confusions in words
LONGEST = 60  # characters of a category in a sentence
ROW = 24  # px


@st.cache_data(max_entries=4, show_spinner=False)
def confused(pointer: bytes, _catalogue: Catalogue) -> pd.DataFrame:
    """See `confusion`; computed once for a catalogue."""
    return confusion(shared_neighbours(_catalogue), _catalogue.products["category"])


def has_categories(catalogue: Catalogue) -> bool:
    """Whether there are two at least of which there are queries."""
    return confused(catalogue.generation.pointer, catalogue)["category"].nunique() > 1


def show_categories(catalogue: Catalogue) -> None:
    """A heat map category by method, then what a chosen method takes for what."""
    table = confused(catalogue.generation.pointer, catalogue)
    heading(
        "categories",
        f"How many of the {AT} nearest of a category's products are of it. The hardest stand "
        f"first.",
        [
            f"**P@{AT} by category**: the mean over the category's queries of the share of their "
            f"{AT} nearest that are of it. n and the 95 % interval, a jackknife as above, stand "
            "where one points, and in the exported table.",
            "**Taken for**: the same share for another category. It depends on how many products "
            "that has: a common category is met more often by chance too. The largest are shown: "
            "with other products they would be smaller on average.",
        ],
    )
    own = table[table["category"] == table["found"]]
    keys = list(dict.fromkeys(own["method"]))
    names, taught = titles(keys), labels(keys)
    order = own.groupby("category")["share"].mean().sort_values(kind="stable").index.tolist()
    if len(order) > MOST:
        st.caption(
            f"The {MOST} hardest of {len(order):,} categories; all are in the exported table."
        )
    shown = own[own["category"].isin(order[:MOST])].assign(
        title=lambda rows: [marked(names[key], key in taught) for key in rows["method"]],
        category=lambda rows: rows["category"].map(cut),
    )
    _heat(
        shown,
        "title",
        [marked(names[key], key in taught) for key in keys],
        [cut(name) for name in order[:MOST]],
        f"P@{AT}",
        f"P@{AT} of {len(order)} categories by {len(keys)} methods, from "
        f"{own['share'].min():.2f} to {own['share'].max():.2f}",
    )
    show_taught(taught)
    _show_confusions(table, keys, names)


def _show_confusions(table: pd.DataFrame, keys: list[str], names: dict[str, str]) -> None:
    st.subheader("What is taken for what", anchor=False)
    method = choose("confused", "Method", keys, names.__getitem__)
    wrong = table[(table["method"] == method) & (table["category"] != table["found"])]
    worst = wrong.sort_values("share", ascending=False, kind="stable").head(SAID)
    if worst.empty:
        st.markdown(plain(f"{names[method]} takes no category's products for another's."))
        return
    for row in worst.itertuples():
        this, other = cut(str(row.category), LONGEST), cut(str(row.found), LONGEST)
        figures = f"{row.share:.2f} [{row.low:.2f}, {row.high:.2f}] are, n {row.n:,}."
        st.markdown(
            plain(f"{names[method]} takes {this} for {other}: of their {AT} nearest, {figures}")
        )
    both = table[table["method"] == method]
    order = sorted(set(both["category"]))
    if len(order) > MOST:
        return
    some = both[both["found"].isin(order)].assign(
        category=lambda rows: rows["category"].map(cut), found=lambda rows: rows["found"].map(cut)
    )
    with st.expander("All of them in one picture", expanded=False):
        _heat(
            some,
            "found",
            [cut(name) for name in order],
            [cut(name) for name in order],
            "Share",
            f"Of the {AT} nearest of each category's products by {names[method]}, the "
            "categories that they are of",
            write=len(order) <= 12,
        )


def _heat(
    rows: pd.DataFrame,
    across: str,
    columns: list[str],
    lines: list[str],
    title: str,
    said: str,
    write: bool = True,
) -> None:
    shown = rows[["category", across, "share", "n"]].assign(
        said=[
            f"{row.share:.3f} [{row.low:.3f}, {row.high:.3f}]"
            for row in rows[["share", "low", "high"]].itertuples()
        ]
    )
    heat(
        shown.to_dict("records"),
        across=across,
        down="category",
        value="share",
        columns=columns,
        lines=lines,
        tips={
            "category": "Category",
            across: "Found" if across == "found" else "Method",
            "said": title,
            "n": "Queries",
        },
        row=ROW,
        said=said,
        write=write,
    )
