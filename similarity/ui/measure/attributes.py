"""Which method sees what: a headline and a forest plot for each attribute of the catalogue."""

import pandas as pd
import streamlit as st

from similarity.measures.metrics.retrieval import AT, FIRST, METRICS
from similarity.measures.metrics.schema import NEAR, NEAREST, Attribute, Gallery, Metrics
from similarity.measures.metrics.verdict import headline, with_limits
from similarity.statistics.significance import LEVEL
from similarity.ui.measure.part import heading
from similarity.ui.shared import query as url
from similarity.ui.shared.forest import Line, show_forest
from similarity.ui.shared.marks import labels, marked, show_taught, titles
from similarity.ui.shared.pickers import choose
from similarity.ui.shared.plain import counted, plain

ABOUT = {
    FIRST: "**P@1** is the share of queries whose nearest product has the query's value.",
    f"P@{AT}": f"**P@{AT}** is the share of the {AT} nearest products that have it.",
    f"recall@{AT}": f"**recall@{AT}** is the share of all products that have it which is among the "
    f"{AT} nearest. Where a value has many products, it is small for every method.",
    "MAP@R": "**MAP@R** is, with R products that have the value, 1/R times the sum of P@i over "
    "those i up to R at which one of them stands (Musgrave, Belongie and Lim 2020, "
    "arXiv:2003.08505).",
    f"nDCG@{AT}": f"**nDCG@{AT}** is the sum of 1 / log2(i + 1) over the ranks i up to {AT} at "
    "which one stands, divided by the largest sum possible (Järvelin and Kekäläinen 2002).",
}


def show_attributes(found: Metrics) -> None:
    """The controls, then each attribute."""
    heading(
        "what",
        "Every product of the sample is a query among all others. **An answer counts as right if "
        "it has the query's value of an attribute, which is only a proxy of what people call "
        "similar.**",
        _facts(found),
    )
    if not found.attributes:
        st.info(
            "This catalogue has no attribute that products share, such as a category or a colour: "
            "there is nothing to judge answers by. What needs no labels follows."
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        metric, gallery = choose("metric", "Metric", METRICS), pick_gallery(found)
    keys = list(found.methods)
    taught = labels(keys)
    for start in range(0, len(found.attributes), 2):
        some = found.attributes[start : start + 2]
        for place, attribute in zip(st.columns(len(some), gap="large"), some, strict=True):
            with place:
                _show(attribute, metric, gallery, taught)
    show_taught(taught)
    with st.expander("Every two methods, with differences and p values"):
        table = differences(found)
        those = table[(table["metric"] == metric) & (table["gallery"] == gallery)]
        st.dataframe(those.drop(columns=["metric", "gallery"]), hide_index=True)


def pick_gallery(found: Metrics) -> Gallery:
    """Whether near-duplicates count."""
    key = url.key("near")
    st.toggle(
        f"Without near-duplicates, which {found.near:,} of {found.queries:,} queries have",
        url.seed(key, st.query_params.get("near") == "without"),
        key=key,
        wrap=True,
        on_change=lambda: url.put(near="without" if st.session_state[key] else None),
    )
    return "without" if st.session_state[key] else "whole"


def _facts(found: Metrics) -> list[str]:
    return [
        *ABOUT.values(),
        f"**Queries**: {found.queries:,} of {found.products:,} products"
        + (", drawn at random" if found.queries < found.products else ", all there are")
        + f". Search is exact, whatever the index; R counts up to {found.depth:,}; equal scores "
        "stand in the catalogue's order, as on Compare.",
        "**Intervals** in brackets are 95 %, by a jackknife (Kott 2001): everything is measured "
        "again without each of 20 random parts of the products, as queries and as answers. They "
        "say how far the mean might be off with other products of the same kind. Near-duplicates, "
        "and variants of a product (the same `item_group_id`), are always in one part: "
        f"{counted(found.queries, 'query', 'queries')} in "
        f"{counted(found.groups, 'group', 'groups')}.",
        "**Ranks**: two methods are told apart by a t test of their difference, with the same "
        f"parts, two-sided, at p < {LEVEL}, p corrected for the number of pairs (Holm 1979). A "
        "rank begins only where all before it are shown to be better than all that follow.",
        f"**Near-duplicates** flatter every method: products that all methods have among the "
        f"{NEAREST} nearest with a cosine of at least {NEAR}. "
        f"{counted(found.near, 'query', 'queries')} of {found.queries:,} have one; without them, "
        "they are neither found nor missed. Where few methods are built, or such as find "
        "everything alike, other products may be counted too.",
        "**The dashed line** is what an answer drawn at random would have.",
    ]


def _show(attribute: Attribute, metric: str, gallery: Gallery, taught: dict[str, str]) -> None:
    table = attribute.tables.get(gallery)
    st.subheader(plain(attribute.name.capitalize()), anchor=False)
    if table is None:
        st.info("No query has another product of its value.")
        return
    st.caption(
        f"{counted(attribute.values, 'value', 'values')}, {counted(table.n, 'query', 'queries')}"
    )
    names = titles(list(table.figures))
    first, *more = headline(attribute.name, table, metric, names, taught)
    st.markdown(f"**{plain(first)}**")
    if more:
        st.markdown(plain(" ".join(more)))
    ranks = table.ranks(metric)
    lines = [
        Line(
            f"{rank} · {marked(names[key], key in taught)}|{with_limits(figure)}",
            figure.mean,
            figure.low,
            figure.high,
            key in taught,
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
        said=f"{metric} by {attribute.name}: "
        + "; ".join(line.label.replace("|", " ") for line in lines),
    )


def figures(found: Metrics) -> pd.DataFrame:
    """Every figure with its interval and n."""
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
                table.ranks(metric)[key],
            )
            for attribute in found.attributes
            for gallery, table in attribute.tables.items()
            for key, of in table.figures.items()
            for metric, figure in of.items()
        ],
        columns=["attribute", "gallery", "method", "metric", "mean", "low", "high", "n", "rank"],
    )


def differences(found: Metrics) -> pd.DataFrame:
    """Every difference between two methods."""
    return pd.DataFrame(
        [
            (
                attribute.name,
                gallery,
                each.metric,
                each.one,
                each.other,
                each.less.mean,
                each.less.low,
                each.less.high,
                table.n,
                each.p,
                each.corrected,
                each.shown,
            )
            for attribute in found.attributes
            for gallery, table in attribute.tables.items()
            for each in table.differences
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
