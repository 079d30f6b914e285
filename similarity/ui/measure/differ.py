"""Where they differ: over all products, and on those that one brushes."""

from math import ceil, floor
from typing import cast

import altair as alt
import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.measures.neighbours.differing import WHICH, Differing, Which, differing
from similarity.measures.neighbours.schema import WALKED, Neighbours
from similarity.methods import METHODS
from similarity.ui.measure.part import heading
from similarity.ui.shared import query as url
from similarity.ui.shared.marks import titles
from similarity.ui.shared.picked import open_on_compare
from similarity.ui.shared.pickers import choose
from similarity.ui.shared.plain import counted, plain
from similarity.ui.shared.split import show_split

WIDTH = 0.45  # half of a bar


def can_differ(found: Neighbours) -> bool:
    """Whether there are two methods and something to compare."""
    return len(found.methods) > 1 and len(found.queries) > 0


def show_differ(catalogue: Catalogue, found: Neighbours) -> None:
    """Two methods, k, the histogram, and the products that are selected in it."""
    heading(
        "differ",
        "Choose two methods. Every product of the sample is counted by how many of its nearest "
        "both have in common. **Drag over bars to see the products behind them.**",
        [
            "**In common**: how many of the first k products by one method are among the first k "
            "by the other, in whatever order. Found by exact search when the catalogue was built, "
            f"for up to {found.k} products each, so that k changes at once.",
            "**Right** is a method whose first product is of the query's category, which is only a "
            "proxy of similarity.",
            "The idea of the histogram that is brushed is Embedding Comparator's (Boggust, Carter "
            "and Satyanarayan 2022, arXiv:1912.04853).",
        ],
    )
    one, other = _pick_pair(found)
    if one == other:
        st.info("Choose two methods that differ.")
        return
    k = _pick_k(found)
    compared = differing(found, one, other, k, catalogue.products["category"].tolist())
    names = titles([one, other])
    low, high = _range(k)
    _show_histogram(compared, names, low, high)
    low, high = _pick_range(k, low, high)
    which, least = _pick_list(compared, names)
    some = compared.among(which, low, high, least)
    pair = f"{one},{other}"
    show_split(catalogue, compared, names, some, lambda picked, _: open_on_compare(picked, pair))


def _pick_pair(found: Neighbours) -> tuple[str, str]:
    """The two methods: those of the address, or the first and the last."""
    asked = st.query_params.get("pair", "").split(",")
    first = found.methods[0], found.methods[-1]
    chosen = asked if len(asked) == 2 and set(asked) <= set(found.methods) else list(first)
    keys = [url.key(name, found.methods) for name in ("one", "other")]

    def put() -> None:
        url.put(pair=",".join(st.session_state[key] for key in keys), rows=None)

    with st.container(horizontal=True, gap="medium"):
        for key, method, label in zip(keys, chosen, ("One method", "The other"), strict=True):
            st.selectbox(
                label,
                found.methods,
                found.methods.index(url.seed(key, method)),
                format_func=lambda method: METHODS[method].title,
                key=key,
                on_change=put,
                width=280,
            )
    return st.session_state[keys[0]], st.session_state[keys[1]]


def _pick_k(found: Neighbours) -> int:
    """How many of the nearest are compared."""
    if found.k == 1:
        return 1
    key = url.key("first", found.k)
    st.slider(
        "Of the first k products, k =",
        1,
        found.k,
        url.seed(key, min(max(url.number("first", WALKED), 1), found.k)),
        key=key,
        on_change=lambda: url.put(first=str(st.session_state[key]), rows=None),
        width=420,
    )
    return st.session_state[key]


def _range(k: int) -> tuple[int, int]:
    """The bars that the address selects, all of them if none."""
    low, _, high = st.query_params.get("common", "").partition("-")
    if all(text.isascii() and text.isdigit() and len(text) < 9 for text in (low, high)):
        return min(int(low), k), min(max(int(low), int(high)), k)
    return 0, k


def _put_range(low: int, high: int) -> None:
    url.put(common=f"{low}-{high}", rows=None)


def _show_histogram(compared: Differing, names: dict[str, str], low: int, high: int) -> None:
    one, other = names.values()
    bars = pd.DataFrame({"products": compared.histogram()}).rename_axis("shared").reset_index()
    bars["from"], bars["to"] = bars["shared"] - WIDTH, bars["shared"] + WIDTH
    bars["none"] = 0
    bars["selected"] = (bars["shared"] >= low) & (bars["shared"] <= high)
    brush = alt.selection_interval(name="brush", encodings=["x"])
    step = max(1, compared.k // 12)
    chart = (
        alt.Chart(bars)
        .mark_rect(cornerRadius=2)
        .encode(
            alt.X(
                "from:Q",
                title=f"In common, of the first {compared.k}",
                scale=alt.Scale(domain=[-0.6, compared.k + 0.6], nice=False),
                axis=alt.Axis(values=list(range(0, compared.k + 1, step)), format="d", grid=False),
            ),
            alt.X2("to:Q"),
            alt.Y("products:Q", title="Products"),
            alt.Y2("none:Q"),
            opacity=alt.condition("datum.selected", alt.value(1), alt.value(0.3)),
            tooltip=[
                alt.Tooltip("shared:Q", title="In common"),
                alt.Tooltip("products:Q", title="Products", format=","),
            ],
        )
        .add_params(brush)
        .properties(height=220)
    )
    key = url.key("histogram", (compared.one, compared.other, compared.k))

    def brushed() -> None:
        match dict(st.session_state[key].selection.get("brush", {})):
            case {"from": [start, end]}:
                start, end = sorted((float(start), float(end)))
                first, last = ceil(start - WIDTH), floor(end + WIDTH)
                if first <= last:
                    _put_range(max(first, 0), min(last, compared.k))

    st.altair_chart(
        chart,
        width="stretch",
        key=key,
        on_select=brushed,
        selection_mode="brush",
        alt=f"How many products have how many of {compared.k} in common by {one} and {other}: "
        + ", ".join(f"{i}: {count}" for i, count in enumerate(bars["products"])),
    )
    mean = compared.shared.mean()
    st.caption(
        plain(
            f"{one} and {other} have {mean:.1f} of {compared.k} in common in the mean, over "
            f"{counted(len(compared.shared), 'product', 'products')}."
        )
    )


def _pick_range(k: int, low: int, high: int) -> tuple[int, int]:
    """The same bars without a mouse."""
    key = url.key("common", k)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.slider(
            "Products with so many in common",
            0,
            k,
            url.seed(key, (low, high)),
            key=key,
            on_change=lambda: _put_range(*st.session_state[key]),
            width=420,
        )
        st.button(
            "All",
            icon=":material/select_all:",
            disabled=(low, high) == (0, k),
            on_click=lambda: url.put(common=None, rows=None),
        )
    return st.session_state[key]


def _pick_list(compared: Differing, names: dict[str, str]) -> tuple[Which, bool]:
    """Which products are listed, and in which order."""
    one, other = names.values()
    counts = {which: int(compared.is_in(which).sum()) for which in WHICH}
    both = int((compared.judged & compared.right & compared.other_right).sum())
    said = {
        "all": f"All, {counts['all']:,}",
        "one": f"{one} right, {other} wrong: {counts['one']:,}",
        "other": f"{other} right, {one} wrong: {counts['other']:,}",
    }
    which: Which = "all"
    if compared.judged.any():
        which = cast(Which, choose("list", "Products", WHICH, said.__getitem__, rows=None))
        judged = int(compared.judged.sum())
        neither = judged - both - counts["one"] - counts["other"]
        st.caption(
            f"By category, of {counted(judged, 'query', 'queries')}: both right {both:,}, "
            f"neither {neither:,}."
        )
    order = choose(
        "order",
        "Order",
        ("least", "most"),
        lambda order: f"{order.capitalize()} in common first",
        rows=None,
    )
    return which, order == "least"
