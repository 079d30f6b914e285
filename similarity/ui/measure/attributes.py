"""How accurate each method is by each attribute: a section with a forest plot for each."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.forest import describe_lines, list_metric_lines, make_metric_forest
from similarity.display.marks import get_titles, mark_titles
from similarity.display.text import format_count
from similarity.indexes.folding import NEAR
from similarity.measures.metrics.retrieval import CUTOFF, DEFAULT_METRIC, METRICS, P_AT_1
from similarity.measures.metrics.schema import NEAREST, Attribute, Gallery, Metrics
from similarity.measures.metrics.verdict import (
    describe_best,
    describe_values,
    format_figure,
    format_p,
)
from similarity.statistics.significance import LEVEL
from similarity.ui.shared import query as url
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape
from similarity.ui.shared.section import Section

METRIC_CHOICES = (DEFAULT_METRIC, *(metric for metric in METRICS if metric != DEFAULT_METRIC))
METRIC_FACTS = {
    f"P@{CUTOFF}": f"**P@{CUTOFF}** is the share of the {CUTOFF} nearest products that have the "
    "query's value. It is shown first because P@1 is close to 100 % for several methods where "
    "neighbours are easy, and then tells them apart less.",
    P_AT_1: "**P@1** is the share of queries whose nearest product has it.",
    f"recall@{CUTOFF}": f"**recall@{CUTOFF}** is the share of all products that have it "
    f"which is among the {CUTOFF} nearest. Where a value has many products, it is small for every "
    "method.",
    "MAP@R": "**MAP@R** is, with R products that have the value, 1/R times the sum of P@i over "
    "those i up to R at which one of them stands (Musgrave, Belongie and Lim 2020, "
    "arXiv:2003.08505).",
    f"nDCG@{CUTOFF}": f"**nDCG@{CUTOFF}** is the sum of 1 / log2(i + 1) over the ranks i "
    f"up to {CUTOFF} at which one stands, divided by the largest sum possible (Järvelin and "
    "Kekäläinen 2002).",
}
SEGMENT = (
    "**Filtered products**: they are the queries and also all that is searched, as when a shop "
    "filters. Their neighbours are others than among all products, so rankings, intervals and "
    "tests are computed again from their vectors, by exact search. Speed and size are those of the "
    "whole catalogue. Customers' photos are measured for the whole catalogue only."
)
DIFFERENCE_COLUMNS = [
    *("attribute", "gallery", "metric", "method", "less"),
    *("difference", "low", "high", "n", "p", "p corrected", "significant"),
]


def pick_metric() -> str:
    """Let the visitor choose the metric of all attributes."""
    return pick_option("metric", "Metric", METRIC_CHOICES)


def pick_gallery(metrics: Metrics) -> Gallery:
    """Let the visitor exclude near-duplicates."""
    key = url.widget_key("near")
    st.toggle(
        f"Ignore near-duplicates ({metrics.queries_with_duplicates:,} of {metrics.queries:,})",
        url.set_widget(key, st.query_params.get("near") == "without"),
        key=key,
        wrap=True,
        on_change=lambda: url.update_url(near="without" if st.session_state[key] else None),
    )
    return "without" if st.session_state[key] else "whole"


def list_facts(metrics: Metrics, *, is_segment: bool = False) -> list[str]:
    """Return what was measured, and how; `is_segment` if a filter leaves some of the products."""
    return [
        *([SEGMENT] if is_segment else []),
        *METRIC_FACTS.values(),
        f"**Queries**: {metrics.queries:,} of {metrics.products:,} products"
        + (", drawn at random" if metrics.queries < metrics.products else ", all there are")
        + f". Search is exact, whatever the index; R counts up to {metrics.depth:,}; equal scores "
        "keep the catalogue's order, as on Compare.",
        "**Intervals** are 95 %, by a jackknife (Kott 2001): everything is measured again without "
        "each of 20 random parts of the products, as queries and as results. They say how far the "
        "mean may be off with other products of the same kind. Near-duplicates, and variants of a "
        "product (the same `item_group_id`), are always in one part: "
        f"{format_count(metrics.queries, 'query', 'queries')} in "
        f"{format_count(metrics.groups, 'group', 'groups')}.",
        "**Best** is a method that is significantly better than each other one. Methods that are "
        "not shown to be worse than the one with the highest figure are **tied**: a t test of "
        f"their difference with the same parts, two-sided, p < {LEVEL}, corrected for the number "
        "of pairs (Holm 1979). In the charts, a new rank begins only where all methods before it "
        "are significantly better than all after it.",
        "**Trained on these labels**: such a method is not compared with the others. It is marked "
        "with an asterisk, and a diamond in charts.",
        f"**Near-duplicates** flatter every method: products that all methods have among the "
        f"{NEAREST} nearest with a cosine of at least {NEAR}. "
        f"{format_count(metrics.queries_with_duplicates, 'query', 'queries')} of "
        f"{metrics.queries:,} have one; ignored, they count as neither right nor wrong. Where few "
        "methods are installed, or methods that find everything alike, other products may be "
        "counted, too.",
        "**The dashed line** is what a random result would have.",
    ]


def make_attribute_sections(
    catalogue: Catalogue, metrics: Metrics, metric: str, gallery: Gallery, labels: dict[str, str]
) -> list[Section]:
    """Return a section for each attribute.

    `labels` name the product labels that methods were trained with.
    """
    sections = []
    for number, attribute in enumerate(metrics.attributes, 1):
        if table := attribute.tables.get(gallery):
            titles = mark_titles(catalogue, list(table.figures), labels)
            conclusion = describe_values(attribute.name.capitalize(), table, metric, titles)
            show = partial(_show_attribute, catalogue, attribute, metric, gallery, labels)
            # by number, because an attribute may have the name of another section
            sections.append(Section(f"attribute-{number}", conclusion, show))
    return sections


def _show_attribute(
    catalogue: Catalogue,
    attribute: Attribute,
    metric: str,
    gallery: Gallery,
    labels: Mapping[str, str],
) -> None:
    table = attribute.tables[gallery]
    keys = list(table.figures)
    names = get_titles(catalogue, keys)
    verdict = describe_best(attribute.name, table, metric, names, labels)
    st.markdown(escape(" ".join(verdict.sentences)), help="\n\n".join(map(escape, verdict.details)))
    title = f"{metric} by {attribute.name}"
    lines = list_metric_lines(catalogue, table, metric, labels)
    spec = make_metric_forest(table, metric, lines)
    st.vega_lite_chart(None, spec, width="stretch", alt=describe_lines(title, lines))
    values = format_count(attribute.values, "value", "values")
    st.caption(f"{values}, {format_count(table.n, 'query', 'queries')}. Differences of methods:")
    st.table(
        pd.DataFrame(
            [
                (
                    names[difference.one],
                    names[difference.other],
                    format_figure(difference.estimate, 3),
                    format_p(difference.corrected_p),
                )
                for difference in table.differences
                if difference.metric == metric
            ],
            columns=["method", "less", "difference", "p, corrected"],
        ),
        hide_index=True,
    )


def tabulate_figures(metrics: Metrics) -> pd.DataFrame:
    """Return every figure with its interval and n, for export."""
    return pd.DataFrame(
        [
            (
                attribute.name,
                gallery,
                key,
                metric,
                figure.mean,
                figure.low,
                figure.high,
                table.n,
                table.rank_methods(metric)[key],
            )
            for attribute in metrics.attributes
            for gallery, table in attribute.tables.items()
            for key, method_figures in table.figures.items()
            for metric, figure in method_figures.items()
        ],
        columns=["attribute", "gallery", "method", "metric", "mean", "low", "high", "n", "rank"],
    )


def tabulate_differences(metrics: Metrics) -> pd.DataFrame:
    """Return every difference between two methods, for export."""
    tables = [_tabulate_attribute(attribute) for attribute in metrics.attributes]
    return (
        pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=DIFFERENCE_COLUMNS)
    )


def _tabulate_attribute(attribute: Attribute) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (
                attribute.name,
                gallery,
                difference.metric,
                difference.one,
                difference.other,
                difference.estimate.mean,
                difference.estimate.low,
                difference.estimate.high,
                table.n,
                difference.p,
                difference.corrected_p,
                difference.is_significant,
            )
            for gallery, table in attribute.tables.items()
            for difference in table.differences
        ],
        columns=DIFFERENCE_COLUMNS,
    )
