"""Which method is best by each attribute: a headline and a forest plot."""

import pandas as pd
import streamlit as st

from similarity.measures.metrics.retrieval import CUTOFF, METRICS, P_AT_1
from similarity.measures.metrics.schema import NEAR, NEAREST, Attribute, Gallery, Metrics
from similarity.measures.metrics.verdict import describe_best, format_figure
from similarity.statistics.significance import LEVEL
from similarity.ui.measure.part import show_part_heading
from similarity.ui.shared import query as url
from similarity.ui.shared.colours import get_colour
from similarity.ui.shared.forest import Line, show_forest
from similarity.ui.shared.marks import get_titles, get_training_labels, mark_title, show_labels_note
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape, format_count

METRIC_FACTS = {
    P_AT_1: "**P@1** is the share of queries whose nearest product has the query's value.",
    f"P@{CUTOFF}": f"**P@{CUTOFF}** is the share of the {CUTOFF} nearest products that have it.",
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


def show_attributes(metrics: Metrics) -> None:
    """Show the controls, then each attribute."""
    show_part_heading(
        "what",
        "Every product of the sample is a query among all others. **An answer counts as right if "
        "it has the query's value of an attribute, which is only a proxy of what people call "
        "similar.**",
        _list_facts(metrics),
    )
    if not metrics.attributes:
        st.info(
            "This catalogue has no attribute that products share, such as a category or a colour: "
            "there is nothing to judge answers by. What needs no labels follows."
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        metric, gallery = pick_option("metric", "Metric", METRICS), pick_gallery(metrics)
    keys = list(metrics.methods)
    training_labels = get_training_labels(keys)
    for start in range(0, len(metrics.attributes), 2):
        pair = metrics.attributes[start : start + 2]
        for column, attribute in zip(st.columns(len(pair), gap="large"), pair, strict=True):
            with column:
                _show_attribute(attribute, metric, gallery, training_labels)
    show_labels_note(training_labels)
    with st.expander("Every two methods, with differences and p values"):
        table = tabulate_differences(metrics)
        visible = table[(table["metric"] == metric) & (table["gallery"] == gallery)]
        titles = get_titles(keys)
        st.dataframe(
            visible.drop(columns=["metric", "gallery"]).replace({"method": titles, "less": titles}),
            hide_index=True,
        )


def pick_gallery(metrics: Metrics) -> Gallery:
    """Let the visitor exclude near-duplicates."""
    key = url.widget_key("near")
    st.toggle(
        f"Without near-duplicates, which {metrics.queries_with_duplicates:,} of "
        f"{metrics.queries:,} queries have",
        url.set_widget(key, st.query_params.get("near") == "without"),
        key=key,
        wrap=True,
        on_change=lambda: url.update_url(near="without" if st.session_state[key] else None),
    )
    return "without" if st.session_state[key] else "whole"


def _list_facts(metrics: Metrics) -> list[str]:
    return [
        *METRIC_FACTS.values(),
        f"**Queries**: {metrics.queries:,} of {metrics.products:,} products"
        + (", drawn at random" if metrics.queries < metrics.products else ", all there are")
        + f". Search is exact, whatever the index; R counts up to {metrics.depth:,}; equal scores "
        "stand in the catalogue's order, as on Compare.",
        "**Intervals** in brackets are 95 %, by a jackknife (Kott 2001): everything is measured "
        "again without each of 20 random parts of the products, as queries and as answers. They "
        "say how far the mean might be off with other products of the same kind. Near-duplicates, "
        "and variants of a product (the same `item_group_id`), are always in one part: "
        f"{format_count(metrics.queries, 'query', 'queries')} in "
        f"{format_count(metrics.groups, 'group', 'groups')}.",
        "**Ranks**: two methods are told apart by a t test of their difference, with the same "
        f"parts, two-sided, at p < {LEVEL}, p corrected for the number of pairs (Holm 1979). A "
        "rank begins only where all before it are shown to be better than all that follow.",
        f"**Near-duplicates** flatter every method: products that all methods have among the "
        f"{NEAREST} nearest with a cosine of at least {NEAR}. "
        f"{format_count(metrics.queries_with_duplicates, 'query', 'queries')} of "
        f"{metrics.queries:,} have one; without them, "
        "they are neither found nor missed. Where few methods are built, or such as find "
        "everything alike, other products may be counted too.",
        "**The dashed line** is what an answer drawn at random would have.",
    ]


def _show_attribute(
    attribute: Attribute, metric: str, gallery: Gallery, training_labels: dict[str, str]
) -> None:
    table = attribute.tables.get(gallery)
    st.subheader(escape(attribute.name.capitalize()), anchor=False)
    if table is None:
        st.info("No query has another product of its value.")
        return
    st.caption(
        f"{format_count(attribute.values, 'value', 'values')}, "
        f"{format_count(table.n, 'query', 'queries')}"
    )
    names = get_titles(list(table.figures))
    verdict = describe_best(attribute.name, table, metric, names, training_labels)
    first, *rest = verdict.sentences
    st.markdown(f"**{escape(first)}**", help="\n\n".join(map(escape, verdict.details)))
    if rest:
        st.markdown(escape(" ".join(rest)))
    ranks = table.rank_methods(metric)
    lines = [
        Line(
            f"{rank} · {mark_title(names[key], key in training_labels)}|{format_figure(figure)}",
            figure.mean,
            figure.low,
            figure.high,
            get_colour(key),
            key in training_labels,
        )
        for key, rank in ranks.items()
        for figure in [table.figures[key][metric]]
    ]
    chance = table.chance if metric.startswith("P@") else None
    show_forest(
        lines,
        metric=metric,
        title=metric,
        reference=("At random", chance) if chance is not None else None,
        alt=f"{metric} by {attribute.name}: "
        + "; ".join(line.label.replace("|", " ") for line in lines),
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
            for attribute in metrics.attributes
            for gallery, table in attribute.tables.items()
            for difference in table.differences
        ],
        columns=[
            "attribute",
            "gallery",
            "metric",
            "method",
            "less",
            "difference",
            "low",
            "high",
            "n",
            "p",
            "p corrected",
            "shown",
        ],
    )
