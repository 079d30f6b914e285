"""What a method costs, beside how good it is; and how well words are answered."""

import pandas as pd
import streamlit as st

from similarity.measures.metrics.retrieval import AT, DEPTH, OF_TEXTS
from similarity.measures.metrics.schema import Metrics
from similarity.measures.metrics.verdict import p_value, with_limits
from similarity.statistics.significance import LEVEL
from similarity.ui.measure.part import heading
from similarity.ui.shared.marks import labels, marked, show_taught, titles
from similarity.ui.shared.plain import plain
from similarity.ui.shared.shortcut import share

KINDS = {
    "flat": "exact, FAISS",
    "pixels": "exact, pixels on disk",
    "approximate": "approximate, FAISS",
    "milvus": "exact, Milvus",
    "milvus-cells": "approximate, Milvus",
}


def show_costs(found: Metrics) -> None:
    """A row for each method."""
    heading(
        "cost",
        "What the quality above costs, as it was measured when the catalogue was built.",
        [
            "**Pictures a second**: what a build by this method alone would embed with all cores, "
            "decoding not counted; the network is timed by itself on one batch of at most 16, and "
            "one that several methods share counts whole for each. Empty where the vectors were "
            "there already.",
            "**A search**: the median of some 50 searches for 12 products, in one thread; 95 % are "
            "within the next figure. A query that is no product of the catalogue has to be "
            "embedded first.",
            "**Bytes a product**: of the index's files, where they are files.",
            f"**Index finds**: of the exact {AT} nearest, with its 95 % interval; figures of "
            f"quality are by exact search whatever the index.",
        ],
    )
    keys = list(found.costs)
    if not keys:
        st.info("No method is built here.")
        return
    names, taught = titles(keys), labels(keys)
    category = next((a for a in found.attributes if "whole" in a.tables), None)
    rows = []
    for key, cost in found.costs.items():
        row = {"Method": marked(names[key], key in taught)}
        if category:
            figure = category.tables["whole"].figures[key]["MAP@R"]
            row[f"MAP@R by {category.name}"] = with_limits(figure)
        row |= {
            "Pictures a second": f"{cost.rate:,.0f} (n {cost.pictures:,})" if cost.rate else "",
            "A search, ms": f"{cost.median:.2f}",
            "95 % within, ms": f"{cost.p95:.2f}",
            "Bytes a product": f"{cost.size:,.0f}" if cost.size is not None else "in Milvus",
            "Index": KINDS.get(cost.kind, cost.kind),
            "Index finds": with_limits(cost.recall, 3) if cost.recall else share(1),
        }
        rows.append(row)
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    said = f"Measured on {found.machine}."
    if category:
        said += f" MAP@R over n {category.tables['whole'].n:,}."
    st.caption(plain(said))
    show_taught(taught)


def show_words(found: Metrics) -> None:
    """Figures of words as queries."""
    table = found.texts
    assert table is not None, "there is a method that reads words"
    asked = "captions" if found.words == "captions" else "names of categories"
    heading(
        "words",
        f"{table.n:,} {asked} of this catalogue's own, asked of every method that reads words: is "
        "a product that has just these words found?",
        [
            f"**hit@1** and **hit@{AT}** are the shares of queries for which such a product is the "
            f"first, or among the first {AT}; papers on pictures and texts call this R@k.",
            "**MRR** is the mean of 1 / rank of the first such product (Voorhees 1999), 0 beyond "
            f"rank {DEPTH:,}.",
            "Other products may fit the words as well: the figures are lower than what people "
            "would say. Differences are tested as above.",
        ],
    )
    names, taught = titles(list(table.figures)), labels(list(table.figures))
    rows = [
        {"Method": marked(names[key], key in taught)}
        | {metric: with_limits(of[metric]) for metric in OF_TEXTS}
        | {"n": table.n}
        for key, of in table.figures.items()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    for each in table.differences:
        if each.metric == "MRR":
            one, other = (each.one, each.other) if each.less.mean > 0 else (each.other, each.one)
            less = table.between(one, other, "MRR")
            assert less is not None
            figures = (
                f"difference {with_limits(less.less)}, {p_value(less.corrected)}, n {table.n:,}"
            )
            st.markdown(
                plain(
                    f"{names[one]} finds products by words more often than {names[other]}: MRR "
                    f"{figures}."
                    if less.shown
                    else f"Between {names[one]} and {names[other]} no difference in MRR can be "
                    f"shown (p < {LEVEL} is asked for): {figures}."
                )
            )
    show_taught(taught)


def costs(found: Metrics) -> pd.DataFrame:
    """What every method costs."""
    return pd.DataFrame(
        [
            (
                *(key, cost.kind, cost.rate, cost.pictures, cost.median, cost.p95, cost.size),
                cost.recall.mean if cost.recall else None,
                found.machine,
            )
            for key, cost in found.costs.items()
        ],
        columns=[
            *("method", "index", "pictures a second", "pictures", "median ms", "p95 ms"),
            *("bytes a product", "recall", "machine"),
        ],
    )


def words(found: Metrics) -> pd.DataFrame:
    """Every figure of words."""
    table = found.texts
    return pd.DataFrame(
        [
            (found.words, key, metric, figure.mean, figure.low, figure.high, table.n)
            for key, of in (table.figures if table else {}).items()
            for metric, figure in of.items()
            if table
        ],
        columns=["words", "method", "metric", "mean", "low", "high", "n"],
    )
