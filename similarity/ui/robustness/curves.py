"""Robustness over the catalogue: how often each method finds products by distorted pictures."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.colours import get_colours_by_title
from similarity.display.curves import (
    FIRST_SHARE,
    NEARNESS,
    TOP_SHARE,
    get_figure,
    make_chart,
    make_legend,
)
from similarity.display.marks import get_titles
from similarity.display.text import format_count
from similarity.measures.metrics.verdict import format_figure, join_names
from similarity.measures.robustness.schema import (
    LOSS_THRESHOLD,
    MIN_PRODUCTS,
    TOP_K,
    Curve,
    Robustness,
)
from similarity.measures.robustness.verdict import describe_losses, describe_robustness, list_losses
from similarity.perturbations import PERTURBATIONS, SIDE, Perturbation
from similarity.ui.shared.headings import show_facts
from similarity.ui.shared.heat import show_heat_map
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape
from similarity.ui.shared.section import Section, show_sections
from similarity.ui.shared.spreadsheet import to_csv

ROW_HEIGHT = 24  # px
EXPONENT = 3  # of the scale of colours: shares above 0.9 differ visibly


def show_curves(catalogue: Catalogue, robustness: Robustness, amounts: Mapping[str, int]) -> None:
    """Show the weak points of the methods, and a section for each perturbation.

    `amounts` are those of the sliders, which have a mark in the charts.
    """
    st.header("One distortion at a time", anchor="catalogue")
    names = get_titles(catalogue, list(robustness.methods))
    unmeasured_methods = [
        catalogue.registry[key] for key in catalogue.methods if key not in robustness.methods
    ]
    if only_vectors := [method.title for method in unmeasured_methods if not method.has_model]:
        st.caption(
            escape(f"Not measured: {join_names(only_vectors)}, which can't embed new pictures.")
        )
    if missing := [method.title for method in unmeasured_methods if method.has_model]:
        st.caption(
            escape(
                f"Not measured: {join_names(missing)}. The index is of other products or of "
                "another version, or the weights weren't available when the others were measured."
            )
        )
    if not any(method_curves.curves for method_curves in robustness.methods.values()):
        st.info("No picture of the sample could be read.")
        return
    st.markdown(escape(describe_robustness(robustness, names)))
    perturbations = [
        key
        for key in PERTURBATIONS
        if any(key in method_curves.curves for method_curves in robustness.methods.values())
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        figure_name = pick_option("curve", "Figure", (FIRST_SHARE, TOP_SHARE, NEARNESS))
        st.download_button(
            "Curves, CSV",
            lambda: to_csv(tabulate_curves(robustness)),
            f"{catalogue.name}-robustness.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        show_facts(list_facts(robustness))
    sections = [
        Section(
            "areas",
            "All distortions in one table",
            lambda: _show_areas(robustness, names, perturbations),
        )
    ]
    for key in perturbations:
        curves = {
            names[method]: method_curves.curves[key]
            for method, method_curves in robustness.methods.items()
            if key in method_curves.curves
        }
        perturbation = PERTURBATIONS[key]
        sections.append(
            Section(
                key,
                f"{perturbation.title}: {describe_losses(perturbation, curves)}",
                partial(
                    _show_chart,
                    catalogue,
                    perturbation,
                    curves,
                    figure_name,
                    names,
                    amounts.get(key, 0),
                ),
            )
        )
    show_sections(sections)
    if unmeasured := [
        perturbation.title
        for key, perturbation in PERTURBATIONS.items()
        if key not in perturbations
    ]:
        st.caption(
            escape(
                f"Not measured: {join_names(unmeasured)}, which suits fewer than {MIN_PRODUCTS} "
                "pictures."
            )
        )


def list_facts(robustness: Robustness) -> list[str]:
    """Return what was measured, and how."""
    origin = "drawn at random" if robustness.sample < robustness.products else "all there are"
    return [
        f"**Queries**: {format_count(robustness.sample, 'product', 'products')} of "
        f"{robustness.products:,}, "
        f"{origin}. Each picture is changed by one distortion at a time, embedded like an "
        "uploaded picture, and compared with every product. Random noise is the same at each "
        f"measurement. Pictures larger than {SIDE} pixels are shrunk to that size first.",
        "**Found first**: the share of products for which no other product is as near to the "
        "changed picture; others with the same vector don't count. Intervals are 95 %, by Wilson "
        "(1927), over groups: variants of a product (the same `item_group_id`) are one group.",
        f"**More than half missed**: the upper limit of that share is below {LOSS_THRESHOLD:.0%}.",
        "**Scenes** combine several distortions. Methods are told apart by a sign test over "
        "groups, exact and two-sided (McNemar's test where each product is a group), corrected "
        "for the number of pairs (Holm 1979).",
        f"**{NEARNESS}**: how many random pairs of products are no nearer than the changed "
        "picture and its product, the median over products with a 95 % interval by Woodruff "
        "(1952). Unlike a cosine it can be compared between methods.",
        "**Area** under the curve of products found first, by the trapezoidal rule over the "
        "measured range, divided by that range; for backgrounds and flips, which have no order, "
        "the mean. Its interval is a 95 % percentile bootstrap over products (expanded, Hesterberg "
        "2015). Where all are found it is a point; see the intervals of the shares.",
        "**Zoom** keeps the frame, **crop** cuts off the right and the bottom, **shift** is to the "
        "right and **rotation** counter-clockwise; empty areas get the median colour of the "
        "border. **Blur** is the deviation of a Gaussian in percent of the longer side, **noise** "
        "a deviation of 255 levels, **JPEG loss** 100 minus the quality. "
        "**Background** replaces the white that is connected to the border.",
        "**The dashed line** is the amount that is set above, with a ring on each curve.",
    ]


def _show_areas(robustness: Robustness, names: Mapping[str, str], keys: list[str]) -> None:
    for key, method_curves in robustness.methods.items():
        losses = list_losses(method_curves.curves)
        sentence = "finds most products at every measured amount"
        if losses:
            sentence = f"misses more than half of the products {join_names(losses, 'or')}"
        st.markdown(f"**{escape(names[key])}** {escape(sentence)}.")
    show_heat_map(
        [
            {
                "perturbation": PERTURBATIONS[key].title,
                "method": names[method],
                "area": curve.area.mean,
                "figure": format_figure(curve.area),
                "n": curve.n,
            }
            for method, method_curves in robustness.methods.items()
            for key, curve in method_curves.curves.items()
        ],
        x="method",
        y="perturbation",
        value="area",
        x_labels=list(names.values()),
        y_labels=[PERTURBATIONS[key].title for key in keys],
        tooltips={
            "method": "Method",
            "perturbation": "Perturbation",
            "figure": "Area",
            "n": "Products",
        },
        row_height=ROW_HEIGHT,
        alt=_describe_areas(robustness, names),
        exponent=EXPONENT,
    )
    st.caption(
        "Share of products found first, on average over all amounts (the area under each curve): "
        "1 is all of them, whatever was done."
    )


def _describe_areas(robustness: Robustness, names: Mapping[str, str]) -> str:
    return "; ".join(
        f"{names[method]}: "
        + ", ".join(
            f"{PERTURBATIONS[key].title} {format_figure(curve.area)}"
            for key, curve in method_curves.curves.items()
        )
        for method, method_curves in robustness.methods.items()
    )


def _show_chart(
    catalogue: Catalogue,
    perturbation: Perturbation,
    curves: Mapping[str, Curve],
    figure_name: str,
    names: Mapping[str, str],
    amount: int,
) -> None:
    colours = get_colours_by_title(catalogue, names)
    st.vega_lite_chart(make_legend(colours), width="stretch", alt=join_names(list(names.values())))
    n = next(iter(curves.values())).n
    st.vega_lite_chart(
        None,
        make_chart(perturbation, curves, colours, figure_name, amount),
        width="stretch",
        alt=f"{figure_name} by amounts of {perturbation.title}: "
        + "; ".join(
            f"{title} {_describe_curve(perturbation, curve, figure_name)}"
            for title, curve in curves.items()
        ),
    )
    st.caption(f"{figure_name}, n\u00a0{n:,}. The band is the 95 % interval.")


def _describe_curve(perturbation: Perturbation, curve: Curve, figure_name: str) -> str:
    return ", ".join(
        f"{perturbation.format_amount(point.amount)} {figure[0]:.2f}"
        for point in curve.points
        if (figure := get_figure(point, figure_name))
    )


def tabulate_curves(robustness: Robustness) -> pd.DataFrame:
    """Return every figure, for export."""
    rows = []
    for method, method_curves in robustness.methods.items():
        for key, curve in method_curves.curves.items():
            for point in curve.points:
                similarity, share_at_most = point.similarity, point.share_at_most
                rows.append(
                    (
                        *(
                            method,
                            key,
                            point.amount,
                            PERTURBATIONS[key].format_amount(point.amount),
                            curve.n,
                        ),
                        *(point.first_share.mean, point.first_share.low, point.first_share.high),
                        *(point.top_share.mean, point.top_share.low, point.top_share.high),
                        *(similarity.median, similarity.low, similarity.high),
                        *(
                            (share_at_most.median, share_at_most.low, share_at_most.high)
                            if share_at_most
                            else (None, None, None)
                        ),
                        *(curve.area.mean, curve.area.low, curve.area.high),
                    )
                )
    figure_names = ("found first", f"found among {TOP_K}", "cosine", "as near as", "area")
    columns = [f"{name}{end}" for name in figure_names for end in ("", " low", " high")]
    return pd.DataFrame(rows, columns=["method", "perturbation", "amount", "label", "n", *columns])
