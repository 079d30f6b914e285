"""What each method costs, and how well it searches by text."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.marks import get_titles, mark_titles
from similarity.measures.metrics.retrieval import CUTOFF, MAX_DEPTH, TEXT_METRICS
from similarity.measures.metrics.schema import Metrics, Table
from similarity.measures.metrics.verdict import describe_values, format_figure, format_p
from similarity.measures.scorecard import TEXT_METRIC
from similarity.ui.shared.plain import escape
from similarity.ui.shared.section import Section

KIND_LABELS = {
    "flat": "exact, FAISS",
    "pixels": "exact, pixels on disk",
    "approximate": "approximate, FAISS",
    "milvus": "exact, Milvus",
    "milvus-cells": "approximate, Milvus",
}


def make_costs_section(catalogue: Catalogue, metrics: Metrics) -> Section | None:
    """Return the section about what each method costs."""
    keys = list(metrics.costs)
    if not keys:
        return None
    names = get_titles(catalogue, keys)
    rates = {key: cost.rate for key, cost in metrics.costs.items() if cost.rate}
    sizes = {key: cost.size for key, cost in metrics.costs.items() if cost.size}
    parts = []
    if rates:
        fastest = max(rates, key=rates.__getitem__)
        parts.append(f"{names[fastest]} embeds {rates[fastest]:,.0f} pictures a second")
    if sizes:
        smallest = min(sizes, key=sizes.__getitem__)
        parts.append(f"{names[smallest]} needs {sizes[smallest] / 1000:,.1f} KB a product")
    conclusion = (
        ", ".join([f"Speed and size: {parts[0]}", *parts[1:]]) if parts else "Speed and size"
    )
    facts = [
        "**Pictures a second**: what a build with this method alone would embed on all cores, "
        "without decoding. The network is timed by itself on one batch of at most 16; one that "
        "several methods share counts for each in full. Empty where the vectors existed already.",
        "**Search**: the median of some 50 searches for 12 products, in one thread, and the time "
        "that 95 % of them stay within. A query that is not a product of the catalogue has to be "
        "embedded first.",
        "**Bytes a product**: of the index's files, if it has any.",
        f"**Index**: for an approximate one, how much of the exact {CUTOFF} nearest it finds, with "
        "its 95 % interval. All figures of accuracy are by exact search, whatever the index.",
    ]
    return Section("cost", conclusion, lambda: _show_costs(metrics, names), facts)


def _show_costs(metrics: Metrics, names: Mapping[str, str]) -> None:
    rows = [
        {
            "Method": names[key],
            "Pictures a second": f"{cost.rate:,.0f} (n {cost.pictures:,})" if cost.rate else "",
            "Search, ms": f"{cost.median:.2f} (95 % within {cost.p95:.2f})",
            "Bytes a product": f"{cost.size:,.0f}" if cost.size is not None else "in Milvus",
            "Index": KIND_LABELS.get(cost.kind, cost.kind)
            + (f", finds {format_figure(cost.recall, 3)}" if cost.recall else ""),
        }
        for key, cost in metrics.costs.items()
    ]
    st.table(pd.DataFrame(rows), hide_index=True)
    st.caption(escape(f"Measured on {metrics.machine}."))


def make_words_section(
    catalogue: Catalogue, metrics: Metrics, labels: Mapping[str, str]
) -> Section | None:
    """Return the section about text search, if a method was measured.

    `labels` name the product labels that methods were trained with.
    """
    table = metrics.texts
    if table is None:
        return None
    titles = mark_titles(catalogue, list(table.figures), labels)
    text = "caption" if metrics.words == "captions" else "category"
    conclusion = describe_values(
        f"Text search, right {text} in the top {CUTOFF}", table, TEXT_METRIC, titles
    )
    facts = [
        f"**Queries**: {table.n:,} {metrics.words} of this catalogue, searched with every method "
        "that can search by text.",
        f"**hit@1** and **hit@{CUTOFF}** are the shares of queries with a product that has exactly "
        f"this text as the first result, or among the first {CUTOFF}; papers on pictures and "
        "texts call this R@k.",
        "**MRR** is the mean of 1 / rank of the first such product (Voorhees 1999), 0 beyond "
        f"rank {MAX_DEPTH:,}.",
        "Other products may match the text as well, so the figures are lower than what people "
        "would say. Differences are tested as for attributes.",
    ]
    return Section("words", conclusion, lambda: _show_words(table, titles), facts)


def _show_words(table: Table, titles: Mapping[str, str]) -> None:
    rows = [
        {"Method": titles[key]}
        | {metric: format_figure(method_figures[metric]) for metric in TEXT_METRICS}
        | {"n": table.n}
        for key, method_figures in table.figures.items()
    ]
    st.table(pd.DataFrame(rows), hide_index=True)
    differences = [
        {
            "Method": titles[difference.one],
            "less": titles[difference.other],
            f"difference of {TEXT_METRIC}": format_figure(difference.estimate),
            "p": format_p(difference.corrected_p),
        }
        for difference in table.differences
        if difference.metric == TEXT_METRIC
    ]
    if differences:
        st.table(pd.DataFrame(differences), hide_index=True)


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
