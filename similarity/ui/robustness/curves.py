"""Over the catalogue: how far each method finds products again whose pictures are spoilt."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.measures.metrics.verdict import listed, with_limits
from similarity.measures.robustness.schema import AMONG, HALF, LEAST, Curve, Robustness
from similarity.measures.robustness.verdict import blind_to, headline, losses
from similarity.perturbations import PERTURBATIONS, SIDE, Perturbation
from similarity.ui.robustness.chart import FIRST, NEAR, TEN, chart, legend, value_of
from similarity.ui.shared.building import show_lacking, show_missing
from similarity.ui.shared.caches import shared_robustness
from similarity.ui.shared.headings import explained
from similarity.ui.shared.heat import heat
from similarity.ui.shared.marks import titles
from similarity.ui.shared.pickers import choose
from similarity.ui.shared.plain import counted, plain
from similarity.ui.shared.spreadsheet import csv

ACROSS = 3  # charts beside each other
ROW = 30  # px


def show_curves(catalogue: Catalogue, amounts: Mapping[str, int]) -> None:
    """A sentence, a heat map, and a chart for each perturbation with a mark at its knob."""
    try:
        found = shared_robustness(catalogue)
    except SimilarityError as error:
        st.header("Over the catalogue", anchor="catalogue")
        if len(catalogue.products) < LEAST:
            st.info(f"Of fewer than {LEAST} products nothing is measured: it would say too little.")
        else:
            show_missing(
                catalogue,
                "Robustness is not measured yet. The figures appear here once it is.",
                "Nothing was measured of this catalogue as it is.",
                error,
            )
        return
    names = titles(list(found.methods))
    explained("Over the catalogue", "catalogue", plain(headline(found, names)), facts(found))
    show_lacking(catalogue, found.methods)
    missing = [catalogue.described(k).title for k in catalogue.methods if k not in found.methods]
    if missing:
        st.caption(
            plain(
                f"Not measured: {listed(missing)}. Its index is of other products or of another "
                "version, or its weights were not there when the others were measured."
            )
        )
    if not any(of.curves for of in found.methods.values()):
        st.info("No picture of the sample could be read.")
        return
    measured = [
        key for key in PERTURBATIONS if any(key in m.curves for m in found.methods.values())
    ]
    left, right = st.columns([3, 2], gap="large")
    with left:
        _show_areas(found, names, measured)
        st.caption(
            "The area under each curve of products found first: 1 is found first whatever was "
            "done. To be found again is not to have the right neighbours."
        )
    with right:
        for key, of in found.methods.items():
            spots = blind_to(of.curves)
            told = f"loses most products {listed(spots, 'or')}" if spots else "never loses most"
            st.markdown(f"**{plain(names[key])}** {plain(told)}.")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        shown = choose("curve", "Figure", (FIRST, TEN, NEAR))
        st.download_button(
            "Curves, CSV",
            lambda: csv(table(found)),
            f"{catalogue.name}-robustness.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    st.vega_lite_chart(
        legend(list(names.values())), width="stretch", alt=listed(list(names.values()))
    )
    for start in range(0, len(measured), ACROSS):
        places = st.columns(ACROSS, gap="large")
        for place, key in zip(places, measured[start : start + ACROSS], strict=False):
            with place:
                _show_chart(found, key, shown, names, amounts.get(key, 0))
    if unfit := [each.title for key, each in PERTURBATIONS.items() if key not in measured]:
        st.caption(
            plain(f"Not measured: {listed(unfit)}, which fewer than {LEAST} pictures are fit for.")
        )


def facts(found: Robustness) -> list[str]:
    """What was measured, and how."""
    drawn = "drawn at random" if found.sample < found.products else "all there are"
    return [
        f"**Queries**: {counted(found.sample, 'product', 'products')} of {found.products:,}, "
        f"{drawn}. Each one's picture is changed by one perturbation at a time, embedded as a "
        "visitor's picture is, and compared with every product. Random noise is the same whenever "
        f"it is measured. Pictures larger than {SIDE} pixels are shrunk to that before they are "
        "changed.",
        "**Found first**: the share of products than which no other is as near to their changed "
        "picture; others whose vectors are the same as the product's don't count. Brackets are "
        "95 % intervals by Wilson (1927). Variants of a product (the same `item_group_id`) count "
        "as one group, which all intervals are over.",
        f"**Lost**: most products are, where the upper limit of that share is below {HALF:.0%}.",
        f"**{NEAR}**: the median over the products of how many random pairs of products are less "
        "near than the changed picture and its product, with a 95 % interval by Woodruff (1952). "
        "Unlike a cosine it can be compared between methods.",
        "**Area**: under the curve of what is found first, by the trapezoidal rule over the range "
        "that was measured, divided by that; of grounds and flips, which have no order, the mean. "
        "Its interval is a 95 % percentile bootstrap over the products (expanded, Hesterberg "
        "2015), a point where all are found: the intervals of the shares say how sure that is.",
        "**Zoom** is larger or smaller in the same frame, **crop** is cut off at the right and at "
        "the bottom, **shift** is to the right and **turn** to the left; what comes in has the "
        "median colour of the border. **Blur** is the deviation of a Gaussian in parts of the "
        "longer side, **noise** one of 255 levels, **JPEG loss** 100 less the quality. **Ground** "
        "replaces the white that is connected to the border.",
        "**The upright line** is where the knob above stands, with a dot on each curve.",
    ]


def _show_areas(found: Robustness, names: Mapping[str, str], keys: list[str]) -> None:
    heat(
        [
            {
                "perturbation": PERTURBATIONS[key].title,
                "method": names[method],
                "area": curve.area.mean,
                "said": with_limits(curve.area),
                "n": curve.n,
            }
            for method, of in found.methods.items()
            for key, curve in of.curves.items()
        ],
        across="method",
        down="perturbation",
        value="area",
        columns=list(names.values()),
        lines=[PERTURBATIONS[key].title for key in keys],
        tips={
            "method": "Method",
            "perturbation": "Perturbation",
            "said": "Area",
            "n": "Products",
        },
        row=ROW,
        said=_said(found, names),
    )


def _said(found: Robustness, names: Mapping[str, str]) -> str:
    return "; ".join(
        f"{names[method]}: "
        + ", ".join(
            f"{PERTURBATIONS[key].title} {with_limits(curve.area)}"
            for key, curve in measured.curves.items()
        )
        for method, measured in found.methods.items()
    )


def _show_chart(
    found: Robustness,
    key: str,
    shown: str,
    names: Mapping[str, str],
    amount: int,
) -> None:
    perturbation = PERTURBATIONS[key]
    curves = {names[m]: each.curves[key] for m, each in found.methods.items() if key in each.curves}
    n = next(iter(curves.values())).n
    st.subheader(perturbation.title, anchor=False)
    st.caption(f"{plain(losses(perturbation, curves))} n\u00a0{n:,}.")
    st.vega_lite_chart(
        None,
        chart(perturbation, curves, list(names.values()), shown, amount),
        width="stretch",
        alt=f"{shown} by amounts of {perturbation.title}: "
        + "; ".join(
            f"{title} {_told(perturbation, curve, shown)}" for title, curve in curves.items()
        ),
    )


def _told(perturbation: Perturbation, curve: Curve, shown: str) -> str:
    return ", ".join(
        f"{perturbation.said(point.amount)} {found[0]:.2f}"
        for point in curve.points
        if (found := value_of(point, shown))
    )


def table(found: Robustness) -> pd.DataFrame:
    """Every figure, to be exported."""
    rows = []
    for method, measured in found.methods.items():
        for key, curve in measured.curves.items():
            for point in curve.points:
                similarity, near = point.similarity, point.near
                rows.append(
                    (
                        *(
                            method,
                            key,
                            point.amount,
                            PERTURBATIONS[key].said(point.amount),
                            curve.n,
                        ),
                        *(point.first.mean, point.first.low, point.first.high),
                        *(point.ten.mean, point.ten.low, point.ten.high),
                        *(similarity.median, similarity.low, similarity.high),
                        *((near.median, near.low, near.high) if near else (None, None, None)),
                        *(curve.area.mean, curve.area.low, curve.area.high),
                    )
                )
    limited = ("found first", f"found among {AMONG}", "cosine", "nearer than", "area")
    columns = [f"{name}{end}" for name in limited for end in ("", " low", " high")]
    return pd.DataFrame(rows, columns=["method", "perturbation", "amount", "said", "n", *columns])
