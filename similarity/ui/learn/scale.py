"""Part 5 of the Learn page: how search time grows."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.text import format_count
from similarity.ui.learn.part import show_part_heading
from similarity.ui.shared.plain import escape

FIGURES_FILE = Path(__file__).parents[3] / "assets" / "scale.json"
METHOD_LABELS = {
    "notebook": "Exact, as the article's notebook",
    "flat": "Exact, FAISS, as this app",
    "ivf": "Approximate, FAISS",
}


@cache
def load_figures() -> dict[str, Any]:
    """Return what `benchmarks.scale` measured."""
    return json.loads(FIGURES_FILE.read_text(encoding="utf-8"))


def show_scale(catalogue: Catalogue) -> None:
    """Show measured search times by the number of products, for three ways of searching."""
    figures = load_figures()
    lowest, highest = compute_speedups(figures["rows"])
    show_part_heading(
        5,
        "At scale",
        "A search compares the query's vector with those of all products, so **twice as many "
        f"products take twice as long**. FAISS is {lowest:.0f} to {highest:.0f} times as fast as "
        "the article's notebook. For more than some hundred thousand products, an approximate "
        "index searches only the most promising ones and may miss a neighbour. Compare shows how "
        "many of the exact results it finds.",
        "The article compares with every row; FAISS: Douze et al. 2024, arXiv:2401.08281.",
    )
    table = pd.DataFrame(figures["rows"]).assign(way=lambda rows: rows["way"].map(METHOD_LABELS))
    st.altair_chart(
        _make_chart(table, len(catalogue.products)),
        width="stretch",
        alt=describe_times(figures["rows"]),
    )
    worst = min(
        (row for row in figures["rows"] if row["way"] == "ivf"), key=lambda row: row["recall_at_10"]
    )
    low, high = worst["recall_interval"]
    structure = figures["structure"]
    st.caption(
        escape(
            f"Measured, median of up to {max(row['queries'] for row in figures['rows'])} queries, "
            f"on one core ({figures['machine']}, {figures['date']}): the {figures['k']} nearest of "
            "vectors "
            f"of {figures['dim']} numbers ({figures['vectors']}; mean cosine of the nearest "
            f"{structure['mean_top10_cosine']}, intrinsic dimension {structure['twonn']}). The "
            f"approximate way finds the fewest of the exact {figures['k']} at "
            f"{worst['products']:,} products: {worst['recall_at_10']:.1%} "
            f"[{low:.1%}, {high:.1%}] over {worst['recall_queries']} queries, a 95 % bootstrap "
            "interval."
        )
    )
    st.code(figures["command"], language="bash", wrap_lines=True)
    st.markdown(
        f"The dashed line is this catalogue, with "
        f"{format_count(len(catalogue.products), 'product', 'products')}. See docs/growing.md for "
        "how to grow."
    )


def compute_speedups(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the lowest and highest speedup of FAISS over the article's notebook."""
    table = pd.DataFrame(rows).pivot(index="products", columns="way", values="median_ms")
    ratios = table["notebook"] / table["flat"]
    return ratios.min(), ratios.max()


def describe_times(rows: list[dict[str, Any]]) -> str:
    """Describe the chart: the times at the largest size."""
    largest = max(row["products"] for row in rows)
    times = [
        f"{METHOD_LABELS[row['way']]}: {row['median_ms']:,.0f} ms"
        for row in rows
        if row["products"] == largest
    ]
    return f"Times of a search of {largest:,} products. {'; '.join(times)}"


def _make_chart(table: pd.DataFrame, products: int) -> alt.LayerChart:
    base = alt.Chart(table).encode(
        alt.X(
            "products:Q",
            scale=alt.Scale(type="log"),
            title="Products",
            axis=alt.Axis(format="~s", values=sorted(set(table["products"]))),
        ),
        alt.Y(
            "median_ms:Q",
            scale=alt.Scale(type="log"),
            title="A search, ms",
            axis=alt.Axis(format="~g", values=[0.01, 0.1, 1, 10, 100, 1000]),
        ),
        alt.Color(
            "way:N",
            sort=list(METHOD_LABELS.values()),
            title=None,
            legend=alt.Legend(orient="top", direction="vertical", labelLimit=400),
        ),
        tooltip=[
            alt.Tooltip("way:N", title="Way"),
            alt.Tooltip("products:Q", format=","),
            alt.Tooltip("median_ms:Q", title="Median, ms"),
            alt.Tooltip("p95_ms:Q", title="95 % within, ms"),
            alt.Tooltip("recall_at_10:Q", title="Of the nearest 10, finds", format=".1%"),
            alt.Tooltip("queries:Q", title="Queries"),
        ],
    )
    current_size = alt.Chart(pd.DataFrame({"products": [products]})).mark_rule(
        strokeDash=[4, 4], color="gray"
    )
    lines = base.mark_line() + base.mark_point(filled=True, size=70, opacity=1)
    return (lines + current_size.encode(x="products:Q")).properties(height=360)
