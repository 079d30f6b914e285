"""Robustness over the catalogue: how often each method finds products by distorted pictures."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
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
from similarity.ui.robustness.chart import (
    FIRST_SHARE,
    SHARE_BELOW,
    TOP_SHARE,
    get_figure,
    make_chart,
    make_legend,
)
from similarity.ui.shared.building import show_missing, show_unmeasured
from similarity.ui.shared.caches import get_robustness
from similarity.ui.shared.colours import get_colours_by_title
from similarity.ui.shared.headings import show_heading
from similarity.ui.shared.heat import show_heat_map
from similarity.ui.shared.marks import get_titles
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape, format_count
from similarity.ui.shared.spreadsheet import to_csv

CHARTS_PER_ROW = 3  # charts per row
ROW_HEIGHT = 30  # px


def show_curves(catalogue: Catalogue, amounts: Mapping[str, int]) -> None:
    """Show a sentence, a heat map, and a chart for each perturbation with a mark at its knob."""
    try:
        robustness = get_robustness(catalogue)
    except SimilarityError as error:
        st.header("Over the catalogue", anchor="catalogue")
        if len(catalogue.products) < MIN_PRODUCTS:
            st.info(
                f"Of fewer than {MIN_PRODUCTS} products nothing is measured: it would say too "
                "little."
            )
        else:
            show_missing(
                catalogue,
                "Robustness is not measured yet. The figures appear here once it is.",
                "Nothing was measured of this catalogue as it is.",
                error,
            )
        return
    names = get_titles(list(robustness.methods))
    show_heading(
        "Over the catalogue",
        "catalogue",
        escape(describe_robustness(robustness, names)),
        list_facts(robustness),
    )
    show_unmeasured(catalogue, robustness.methods)
    missing = [
        catalogue.resolve_method_for_display(method_key).title
        for method_key in catalogue.methods
        if method_key not in robustness.methods
    ]
    if missing:
        st.caption(
            escape(
                f"Not measured: {join_names(missing)}. Its index is of other products or of "
                "another version, or its weights were not there when the others were measured."
            )
        )
    if not any(method_curves.curves for method_curves in robustness.methods.values()):
        st.info("No picture of the sample could be read.")
        return
    perturbations = [
        key
        for key in PERTURBATIONS
        if any(key in method_curves.curves for method_curves in robustness.methods.values())
    ]
    left, right = st.columns([3, 2], gap="large")
    with left:
        _show_areas(robustness, names, perturbations)
        st.caption(
            "The area under each curve of products found first: 1 is found first whatever was "
            "done. To be found again is not to have the right neighbours."
        )
    with right:
        for key, method_curves in robustness.methods.items():
            losses = list_losses(method_curves.curves)
            sentence = "finds most products at every measured amount"
            if losses:
                sentence = f"misses more than half of the products {join_names(losses, 'or')}"
            st.markdown(f"**{escape(names[key])}** {escape(sentence)}.")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        figure_name = pick_option("curve", "Figure", (FIRST_SHARE, TOP_SHARE, SHARE_BELOW))
        st.download_button(
            "Curves, CSV",
            lambda: to_csv(tabulate_curves(robustness)),
            f"{catalogue.name}-robustness.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    st.vega_lite_chart(
        make_legend(get_colours_by_title(names)),
        width="stretch",
        alt=join_names(list(names.values())),
    )
    for start in range(0, len(perturbations), CHARTS_PER_ROW):
        columns = st.columns(CHARTS_PER_ROW, gap="large")
        for column, key in zip(
            columns, perturbations[start : start + CHARTS_PER_ROW], strict=False
        ):
            with column:
                _show_chart(robustness, key, figure_name, names, amounts.get(key, 0))
    if unmeasured := [
        perturbation.title
        for key, perturbation in PERTURBATIONS.items()
        if key not in perturbations
    ]:
        st.caption(
            escape(
                f"Not measured: {join_names(unmeasured)}, which fewer than {MIN_PRODUCTS} "
                "pictures are fit for."
            )
        )


def list_facts(robustness: Robustness) -> list[str]:
    """Return what was measured, and how."""
    origin = "drawn at random" if robustness.sample < robustness.products else "all there are"
    return [
        f"**Queries**: {format_count(robustness.sample, 'product', 'products')} of "
        f"{robustness.products:,}, "
        f"{origin}. Each one's picture is changed by one perturbation at a time, embedded as a "
        "visitor's picture is, and compared with every product. Random noise is the same whenever "
        f"it is measured. Pictures larger than {SIDE} pixels are shrunk to that before they are "
        "changed.",
        "**Found first**: the share of products than which no other is as near to their changed "
        "picture; others whose vectors are the same as the product's don't count. Brackets are "
        "95 % intervals by Wilson (1927). Variants of a product (the same `item_group_id`) count "
        "as one group, which all intervals are over.",
        "**Lost**: most products are, where the upper limit of that share is below "
        f"{LOSS_THRESHOLD:.0%}.",
        f"**{SHARE_BELOW}**: the median over the products of how many random pairs of products "
        "are less "
        "near than the changed picture and its product, with a 95 % interval by Woodruff (1952). "
        "Unlike a cosine it can be compared between methods.",
        "**Area**: under the curve of what is found first, by the trapezoidal rule over the range "
        "that was measured, divided by that; of backgrounds and flips, which have no order, the "
        "mean. "
        "Its interval is a 95 % percentile bootstrap over the products (expanded, Hesterberg "
        "2015), a point where all are found: the intervals of the shares say how sure that is.",
        "**Zoom** is larger or smaller in the same frame, **crop** is cut off at the right and at "
        "the bottom, **shift** is to the right and **rotation** counter-clockwise; what comes in "
        "has the "
        "median colour of the border. **Blur** is the deviation of a Gaussian in parts of the "
        "longer side, **noise** one of 255 levels, **JPEG loss** 100 less the quality. "
        "**Background** replaces the white that is connected to the border.",
        "**The upright line** is where the knob above stands, with a dot on each curve.",
    ]


def _show_areas(robustness: Robustness, names: Mapping[str, str], keys: list[str]) -> None:
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
    robustness: Robustness,
    key: str,
    figure_name: str,
    names: Mapping[str, str],
    amount: int,
) -> None:
    perturbation = PERTURBATIONS[key]
    curves = {
        names[method]: method_curves.curves[key]
        for method, method_curves in robustness.methods.items()
        if key in method_curves.curves
    }
    n = next(iter(curves.values())).n
    st.subheader(perturbation.title, anchor=False)
    st.caption(f"{escape(describe_losses(perturbation, curves))} n\u00a0{n:,}.")
    st.vega_lite_chart(
        None,
        make_chart(perturbation, curves, get_colours_by_title(names), figure_name, amount),
        width="stretch",
        alt=f"{figure_name} by amounts of {perturbation.title}: "
        + "; ".join(
            f"{title} {_describe_curve(perturbation, curve, figure_name)}"
            for title, curve in curves.items()
        ),
    )


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
                similarity, share_below = point.similarity, point.share_below
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
                            (share_below.median, share_below.low, share_below.high)
                            if share_below
                            else (None, None, None)
                        ),
                        *(curve.area.mean, curve.area.low, curve.area.high),
                    )
                )
    figure_names = ("found first", f"found among {TOP_K}", "cosine", "nearer than", "area")
    columns = [f"{name}{end}" for name in figure_names for end in ("", " low", " high")]
    return pd.DataFrame(rows, columns=["method", "perturbation", "amount", "said", "n", *columns])
