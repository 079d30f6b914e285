"""What each method costs, and how well it answers texts."""

import pandas as pd
import streamlit as st

from similarity.measures.metrics.retrieval import CUTOFF, MAX_DEPTH, TEXT_METRICS
from similarity.measures.metrics.schema import Metrics
from similarity.measures.metrics.verdict import format_figure, format_p
from similarity.statistics.significance import LEVEL
from similarity.ui.measure.part import show_part_heading
from similarity.ui.shared.marks import get_titles, get_training_labels, mark_title, show_labels_note
from similarity.ui.shared.plain import escape
from similarity.ui.shared.shortcut import format_share

KIND_LABELS = {
    "flat": "exact, FAISS",
    "pixels": "exact, pixels on disk",
    "approximate": "approximate, FAISS",
    "milvus": "exact, Milvus",
    "milvus-cells": "approximate, Milvus",
}


def show_costs(metrics: Metrics) -> None:
    """Show a table of costs, one row per method."""
    show_part_heading(
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
            f"**Index finds**: of the exact {CUTOFF} nearest, with its 95 % interval; figures of "
            f"quality are by exact search whatever the index.",
        ],
    )
    keys = list(metrics.costs)
    if not keys:
        st.info("No method is installed.")
        return
    names, training_labels = get_titles(keys), get_training_labels(keys)
    category = next(
        (attribute for attribute in metrics.attributes if "whole" in attribute.tables), None
    )
    rows = []
    for key, cost in metrics.costs.items():
        row = {"Method": mark_title(names[key], key in training_labels)}
        if category:
            figure = category.tables["whole"].figures[key]["MAP@R"]
            row[f"MAP@R by {category.name}"] = format_figure(figure)
        row |= {
            "Pictures a second": f"{cost.rate:,.0f} (n {cost.pictures:,})" if cost.rate else "",
            "A search, ms": f"{cost.median:.2f}",
            "95 % within, ms": f"{cost.p95:.2f}",
            "Bytes a product": f"{cost.size:,.0f}" if cost.size is not None else "in Milvus",
            "Index": KIND_LABELS.get(cost.kind, cost.kind),
            "Index finds": format_figure(cost.recall, 3) if cost.recall else format_share(1),
        }
        rows.append(row)
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    caption = f"Measured on {metrics.machine}."
    if category:
        caption += f" MAP@R over n {category.tables['whole'].n:,}."
    st.caption(escape(caption))
    show_labels_note(training_labels)


def show_words(metrics: Metrics) -> None:
    """Show figures of text queries."""
    table = metrics.texts
    assert table is not None, "there is a text method"
    query_kind = "captions" if metrics.words == "captions" else "names of categories"
    show_part_heading(
        "words",
        f"{table.n:,} {query_kind} of this catalogue's own, asked of every method that reads "
        "words: is a product that has just these words found?",
        [
            f"**hit@1** and **hit@{CUTOFF}** are the shares of queries for which such a product "
            "is the "
            f"first, or among the first {CUTOFF}; papers on pictures and texts call this R@k.",
            "**MRR** is the mean of 1 / rank of the first such product (Voorhees 1999), 0 beyond "
            f"rank {MAX_DEPTH:,}.",
            "Other products may fit the words as well: the figures are lower than what people "
            "would say. Differences are tested as above.",
        ],
    )
    names, training_labels = (
        get_titles(list(table.figures)),
        get_training_labels(list(table.figures)),
    )
    rows = [
        {"Method": mark_title(names[key], key in training_labels)}
        | {metric: format_figure(method_figures[metric]) for metric in TEXT_METRICS}
        | {"n": table.n}
        for key, method_figures in table.figures.items()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    for difference in table.differences:
        if difference.metric == "MRR":
            one, other = (
                (difference.one, difference.other)
                if difference.estimate.mean > 0
                else (difference.other, difference.one)
            )
            less = table.get_difference(one, other, "MRR")
            assert less is not None
            figures = (
                f"difference {format_figure(less.estimate)}, {format_p(less.corrected_p)}, "
                f"n {table.n:,}"
            )
            st.markdown(
                escape(
                    f"{names[one]} finds products by words more often than {names[other]}: MRR "
                    f"{figures}."
                    if less.is_significant
                    else f"Between {names[one]} and {names[other]} no difference in MRR can be "
                    f"shown (p < {LEVEL} is asked for): {figures}."
                )
            )
    show_labels_note(training_labels)


def tabulate_costs(metrics: Metrics) -> pd.DataFrame:
    """Return what every method costs, for export."""
    return pd.DataFrame(
        [
            (
                *(key, cost.kind, cost.rate, cost.pictures, cost.median, cost.p95, cost.size),
                cost.recall.mean if cost.recall else None,
                metrics.machine,
            )
            for key, cost in metrics.costs.items()
        ],
        columns=[
            *("method", "index", "pictures a second", "pictures", "median ms", "p95 ms"),
            *("bytes a product", "recall", "machine"),
        ],
    )


def tabulate_words(metrics: Metrics) -> pd.DataFrame:
    """Return every figure of text queries, for export."""
    table = metrics.texts
    return pd.DataFrame(
        [
            (metrics.words, key, metric, figure.mean, figure.low, figure.high, table.n)
            for key, method_figures in (table.figures if table else {}).items()
            for metric, figure in method_figures.items()
            if table
        ],
        columns=["words", "method", "metric", "mean", "low", "high", "n"],
    )
