"""5: how the time of a search grows."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.ui.learn.part import heading
from similarity.ui.shared.plain import counted, plain

STORED = Path(__file__).parents[3] / "assets" / "scale.json"
WAYS = {
    "notebook": "Exact, as the article's notebook",
    "flat": "Exact, FAISS, as this app",
    "ivf": "Approximate, FAISS",
}


@cache
def stored() -> dict[str, Any]:
    """What `benchmarks.scale` measured."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def show_scale(catalogue: Catalogue) -> None:
    """Times of a search by the number of products, three ways, as they were measured."""
    found = stored()
    fewest, most = times_as_fast(found["rows"])
    heading(
        5,
        "At scale",
        "To search is to compare the query's vector with those of all products. **Twice as many "
        f"products take twice as long**, whoever does it; FAISS does it {fewest:.0f} to {most:.0f} "
        "times as fast as a notebook. Beyond some hundred thousand products one stops comparing "
        "with all: an approximate index looks into the nearest cells alone, and may miss a "
        "neighbour. Compare then says above a method's answers how much of the exact ones its "
        "index finds.",
        "The article compares with every row; FAISS: Douze et al. 2024, arXiv:2401.08281.",
    )
    table = pd.DataFrame(found["rows"]).assign(way=lambda rows: rows["way"].map(WAYS))
    st.altair_chart(
        _chart(table, len(catalogue.products)), width="stretch", alt=said(found["rows"])
    )
    least = min(
        (row for row in found["rows"] if row["way"] == "ivf"), key=lambda row: row["recall_at_10"]
    )
    low, high = least["recall_interval"]
    structure = found["structure"]
    st.caption(
        plain(
            f"Measured, median of up to {max(row['queries'] for row in found['rows'])} queries, on "
            f"one core ({found['machine']}, {found['date']}): the {found['k']} nearest of vectors "
            f"of {found['dim']} numbers ({found['vectors']}; mean cosine of the nearest "
            f"{structure['mean_top10_cosine']}, intrinsic dimension {structure['twonn']}). The "
            f"approximate way finds the fewest of the exact {found['k']} at "
            f"{least['products']:,} products: {least['recall_at_10']:.1%} "
            f"[{low:.1%}, {high:.1%}] over {least['recall_queries']} queries, a 95 % bootstrap "
            "interval."
        )
    )
    st.code(found["command"], language="bash", wrap_lines=True)
    st.markdown(
        f"This catalogue has {counted(len(catalogue.products), 'product', 'products')}: the dotted "
        "line. How to grow from here stands in the README, *Growing, and limits*."
    )


def times_as_fast(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """How many times as fast as the article's way FAISS is, at least and at most."""
    table = pd.DataFrame(rows).pivot(index="products", columns="way", values="median_ms")
    ratios = table["notebook"] / table["flat"]
    return ratios.min(), ratios.max()


def said(rows: list[dict[str, Any]]) -> str:
    """The chart in words: the largest size's times."""
    most = max(row["products"] for row in rows)
    times = [
        f"{WAYS[row['way']]}: {row['median_ms']:,.0f} ms" for row in rows if row["products"] == most
    ]
    return f"Times of a search of {most:,} products. {'; '.join(times)}"


def _chart(table: pd.DataFrame, products: int) -> alt.LayerChart:
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
            sort=list(WAYS.values()),
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
    here = alt.Chart(pd.DataFrame({"products": [products]})).mark_rule(
        strokeDash=[4, 4], color="gray"
    )
    lines = base.mark_line() + base.mark_point(filled=True, size=70, opacity=1)
    return (lines + here.encode(x="products:Q")).properties(height=360)
