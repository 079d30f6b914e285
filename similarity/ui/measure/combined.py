"""Whether words help a picture, measured with queries such as "this product, but in red"."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.marks import mark_titles
from similarity.measures.metrics.combined import SHARES
from similarity.measures.metrics.retrieval import CUTOFF
from similarity.measures.metrics.schema import Combined, Metrics
from similarity.measures.metrics.verdict import format_figure, format_p, join_names
from similarity.ui.shared.section import Section

PICTURE, EVEN, WORDS = "0", "50", "100"  # shares of words that are compared


def make_combined_section(
    catalogue: Catalogue, metrics: Metrics, labels: Mapping[str, str]
) -> Section | None:
    """Return the section about pictures with words, if a method was measured.

    `labels` name the product labels that methods were trained with.
    """
    combined = metrics.combined
    if combined is None:
        return None
    table = combined.table
    titles = mark_titles(catalogue, list(table.figures), labels)
    facts = [
        f"**Queries**: {table.n:,} products drawn at random, each with another value of its "
        f"{join_names(combined.attributes, 'or')} as words. A result is right if it has that "
        "value and otherwise the product's attributes. That is only a proxy for what people mean.",
        f"**Figure**: the share of right results in the top {CUTOFF}, or in as many as there are "
        f"right products. At 0 % words, the query is the product alone; at 100 %, the words alone.",
        "**Intervals** are of 95 %, by leaving out random parts of the products. The difference "
        "from the picture or the words alone is tested, corrected for the number of comparisons "
        "(Holm).",
    ]
    return Section(
        "combined",
        describe_combined(combined, titles),
        lambda: _show_combined(combined, titles),
        facts,
    )


def describe_combined(combined: Combined, titles: Mapping[str, str]) -> str:
    """Return whether words and picture together are better than either alone, by each method."""
    figures = combined.table.figures
    keys = sorted(figures, key=lambda key: -figures[key][EVEN].mean)
    helped = [
        key
        for key in keys
        if all(
            gain.is_significant and gain.estimate.mean > 0
            for gain in (combined.get_gain(key, PICTURE), combined.get_gain(key, WORDS))
        )
    ]
    others = [titles[key] for key in keys if key not in helped]
    best = figures[(helped or keys)[0]]
    values = (
        f"{_format_percent(best[EVEN].mean)} right with both, "
        f"{_format_percent(best[PICTURE].mean)} by the picture and "
        f"{_format_percent(best[WORDS].mean)} by the words alone"
    )
    if not helped:
        return (
            f"Adding words to a picture is not shown to help {join_names(others, 'or')}: {values}"
        )
    also = [titles[key] for key in helped[1:]]
    ends = [
        f"; it also helps {join_names(also)}" if also else "",
        f"; that is not shown for {join_names(others, 'or')}" if others else "",
    ]
    return f"Adding words to a picture helps {titles[helped[0]]}: {values}{''.join(ends)}"


def _format_percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _show_combined(combined: Combined, titles: Mapping[str, str]) -> None:
    table = combined.table
    rows = [
        {"Method": titles[key]}
        | {f"{share} % words": format_figure(figures[str(share)]) for share in SHARES}
        | {"n": table.n}
        for key, figures in table.figures.items()
    ]
    st.table(pd.DataFrame(rows), hide_index=True)
    names = {PICTURE: "the picture alone", WORDS: "the words alone"}
    gains = [
        {
            "Method": titles[gain.method],
            "half words, half picture, more than": names[gain.than],
            "difference": format_figure(gain.estimate),
            "p": format_p(gain.corrected_p),
        }
        for gain in combined.gains
    ]
    st.table(pd.DataFrame(gains), hide_index=True)


def tabulate_combined(metrics: Metrics) -> pd.DataFrame:
    """Return every figure of pictures with words, for export."""
    table = metrics.combined.table if metrics.combined else None
    return pd.DataFrame(
        [
            (key, share, figure.mean, figure.low, figure.high, table.n)
            for key, figures in (table.figures if table else {}).items()
            for share, figure in figures.items()
            if table
        ],
        columns=["method", "% words", "mean", "low", "high", "n"],
    )
