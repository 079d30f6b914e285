"""Where two methods disagree: groups that change together, and single products."""

from collections.abc import Sequence
from functools import partial
from typing import cast

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.marks import get_titles
from similarity.display.text import format_count
from similarity.measures.maps.changes import (
    MAX_PRODUCTS,
    MIN_CHANGED,
    MIN_GROUP,
    Group,
    find_most_common,
    group_changes,
)
from similarity.measures.maps.schema import K, Maps
from similarity.measures.metrics.verdict import join_names
from similarity.measures.neighbours.differences import compare_methods
from similarity.ui.map.files import get_colour_attributes
from similarity.ui.map.maps import set_selected
from similarity.ui.shared.caches import get_maps
from similarity.ui.shared.disagreements import sort_by_disagreement
from similarity.ui.shared.headings import show_heading
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape
from similarity.ui.shared.rows import Group as Cells
from similarity.ui.shared.rows import Row, make_cells, show_rows
from similarity.ui.shared.split import show_split

MAX_MEMBERS = 8  # pictures of a group
MAX_EXCHANGED = 5  # pictures of what it loses and gains
NAMED_BY = 20  # products whose values name what is lost or gained
MIN_SHARE = 0.5  # of a group that must have the value it is named after
MIN_RATIO = 1.5  # of that share to the share of all products
MAX_NAMES = 2


def pick_pair(catalogue: Catalogue, pairs: Sequence[str]) -> tuple[str, str]:
    """Let the visitor choose two methods, from pairs 'one,other'."""
    pair = (
        pick_option("pair", "Two methods", pairs, partial(_format_pair, catalogue), rows=None)
        if len(pairs) > 1
        else pairs[0]
    )
    one, other = pair.split(",")
    return one, other


def show_movement(
    catalogue: Catalogue, maps: Maps, pairs: Sequence[str], pair: tuple[str, str] | None
) -> None:
    """Show the disagreements of two of the maps' methods, chosen here unless `pair` is given."""
    heading = st.container()
    one, other = pair or pick_pair(catalogue, pairs)
    with heading:
        _show_heading(catalogue, maps, one, other)
    st.subheader("Groups with different neighbours", anchor=False)
    _show_groups(catalogue, maps, one, other)
    st.subheader("Single products", anchor=False)
    comparison = compare_methods(
        maps.neighbours, one, other, K, catalogue.products["category"].tolist()
    )
    show_split(
        catalogue,
        comparison,
        get_titles(catalogue, [one, other]),
        sort_by_disagreement(
            catalogue,
            [one, other],
            comparison.list_rows("all", 0, K),
            maps.neighbours.products,
        ),
        lambda product, _: set_selected([product], one),
    )


def _show_heading(catalogue: Catalogue, maps: Maps, one: str, other: str) -> None:
    names = get_titles(catalogue, [one, other])
    scope = (
        f" of the {MAX_PRODUCTS:,} that change most"
        if len(maps.neighbours.queries) > MAX_PRODUCTS
        else ""
    )
    show_heading(
        "Biggest disagreements",
        "moved",
        f"Products with different neighbours in {escape(names[one])} and {escape(names[other])}. "
        "**Click a picture to see it on the maps.**",
        [
            f"**Changed** is 1 - overlap@{K}: the share of a product's {K} nearest in one method's "
            "own space that are not among those in the other's. The maps play no part in it.",
            f"**Groups** are {MIN_GROUP} or more products{scope} that lose the same neighbours "
            f"and gain the same ones; {MIN_CHANGED} or more of {K} change for each of them. "
            "They are found by average linkage over the smaller one of two cosines, of lost and of "
            "gained neighbours, and no product is in two. The idea is Emblaze's (Sivaraman, Wu and "
            "Perer 2022, arXiv:2202.02641).",
            "**Names** are attribute values that at least half of a group have, and clearly fewer "
            "of all products. They are a proxy: a group may share something that no attribute "
            f"names. Lost and gained neighbours are named by the {NAMED_BY} most common ones.",
            "**Single products** are in the same order as on Compare: those whose numbers of "
            "right results differ most come first.",
        ],
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _get_groups(pointer: bytes, one: str, other: str, _catalogue: Catalogue) -> list[Group]:
    return group_changes(get_maps(_catalogue), one, other)


def _show_groups(catalogue: Catalogue, maps: Maps, one: str, other: str) -> None:
    groups = _get_groups(catalogue.generation.pointer, one, other, catalogue)
    if not groups:
        st.info("No group of products changes its neighbours in the same way.")
        return
    products = catalogue.products.iloc[maps.neighbours.queries]
    ids = products.index
    attributes = get_colour_attributes(catalogue)

    def make_cells_group(label: str, numbers: list[int], limit: int) -> Cells:
        shown_ids = [str(ids[i]) for i in numbers[:limit]]
        return Cells(
            label, make_cells(catalogue.name, products, shown_ids), max(0, len(numbers) - limit)
        )

    def make_exchanged(verb: str, method: str, numbers: list[int]) -> Cells:
        values = _name_products(products, attributes, numbers[:NAMED_BY])
        label = f"{verb} {catalogue.registry[method].title}" + (f": {values}" if values else "")
        return Cells(label, make_cells_group("", numbers, MAX_EXCHANGED).cells)

    rows = []
    for number, group in enumerate(groups):
        name = _name_products(products, attributes, group.members)
        count = format_count(len(group.members), "product", "products")
        rows.append(
            Row(
                str(number),
                f"{count}: {name}" if name else count,
                [
                    make_cells_group("These", group.members, MAX_MEMBERS),
                    make_exchanged("Neighbours in", one, group.lost),
                    make_exchanged("Neighbours in", other, group.gained),
                ],
            )
        )

    def select_group(product: str, row: str) -> None:
        members = [str(ids[i]) for i in groups[int(row)].members]
        set_selected(members if product in members else [product], other)

    show_rows("groups", rows, select_group)


def _name_products(products: pd.DataFrame, attributes: list[str], numbers: list[int]) -> str:
    """Return the values that most of some products but far fewer of all have, the rarest first."""
    names = []
    for name in attributes:
        texts = products[name]
        value, count = find_most_common(cast(list[str], texts.iloc[numbers].tolist()))
        overall_share = float((texts == value).mean())
        if value and count / len(numbers) >= max(MIN_SHARE, MIN_RATIO * overall_share):
            names.append((overall_share, f"{value} {count} of {len(numbers)}"))
    return ", ".join(text for _, text in sorted(names)[:MAX_NAMES])


def _format_pair(catalogue: Catalogue, pair: str) -> str:
    one, other = pair.split(",")
    return join_names([catalogue.registry[key].title for key in (one, other)])
