"""What moves between two methods: groups that change together, and products that change most."""

from collections.abc import Sequence
from typing import cast

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.measures.maps.changes import (
    MAX_PRODUCTS,
    MIN_CHANGED,
    MIN_GROUP,
    Group,
    find_most_common,
    group_changes,
)
from similarity.measures.maps.schema import K, Maps
from similarity.measures.neighbours.differences import compare_methods
from similarity.methods import METHODS
from similarity.ui.map.files import get_colour_attributes
from similarity.ui.map.maps import set_selected
from similarity.ui.shared.caches import get_maps
from similarity.ui.shared.headings import show_heading
from similarity.ui.shared.marks import get_titles
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape, format_count
from similarity.ui.shared.rows import Group as Cells
from similarity.ui.shared.rows import Row, make_cells, show_rows
from similarity.ui.shared.split import show_split

MAX_MEMBERS = 8  # pictures of a group
MAX_EXCHANGED = 5  # pictures of what it loses and gains
NAMED_BY = 20  # products whose values name what is lost or gained
MIN_SHARE = 0.5  # of a group that must have the value it is named after
MIN_RATIO = 1.5  # of that share to the share of all products
MAX_NAMES = 2


def pick_pair(pairs: Sequence[str]) -> tuple[str, str]:
    """Let the visitor choose two methods, from pairs 'one,other'."""
    pair = (
        pick_option("pair", "Two methods", pairs, _format_pair, rows=None)
        if len(pairs) > 1
        else pairs[0]
    )
    one, other = pair.split(",")
    return one, other


def show_movement(
    catalogue: Catalogue, maps: Maps, pairs: Sequence[str], pair: tuple[str, str] | None
) -> None:
    """Show what moves between two of the maps' methods, chosen here unless `pair` is given."""
    heading = st.container()
    one, other = pair or pick_pair(pairs)
    with heading:
        _show_heading(maps, one, other)
    st.subheader("Groups that move together", anchor=False)
    _show_groups(catalogue, maps, one, other)
    st.subheader("Products that move most", anchor=False)
    comparison = compare_methods(
        maps.neighbours, one, other, K, catalogue.products["category"].tolist()
    )
    show_split(
        catalogue,
        comparison,
        get_titles([one, other]),
        comparison.list_rows("all", 0, K, True),
        lambda product, _: set_selected([product], one),
    )


def _show_heading(maps: Maps, one: str, other: str) -> None:
    names = get_titles([one, other])
    scope = (
        f" of the {MAX_PRODUCTS:,} that change most"
        if len(maps.neighbours.queries) > MAX_PRODUCTS
        else ""
    )
    show_heading(
        "What moved",
        "moved",
        f"From {escape(names[one])} to {escape(names[other])}, by the {K} nearest of each product "
        "in the methods' own spaces. **Click a picture to see it on the maps.**",
        [
            f"**Changed** is 1 - overlap@{K}: the share of a product's {K} nearest that are others "
            "by the other method. It knows nothing of the maps.",
            f"**Groups** are {MIN_GROUP} or more products{scope} that leave the same neighbours "
            f"and come to the same; each has {MIN_CHANGED} or more of {K} changed. "
            "They are found by average linkage over the smaller one of two cosines, of lost and of "
            "gained neighbours, and no product is in two. The idea is Emblaze's (Sivaraman, Wu and "
            "Perer 2022, arXiv:2202.02641).",
            "**Names** are values of attributes that at least half of a group have, and not as "
            f"many of all products. That is a proxy: what makes a group may be something that no "
            f"attribute says. What it leaves and comes to is named by the {NAMED_BY} most common.",
        ],
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _get_groups(pointer: bytes, one: str, other: str, _catalogue: Catalogue) -> list[Group]:
    return group_changes(get_maps(_catalogue), one, other)


def _show_groups(catalogue: Catalogue, maps: Maps, one: str, other: str) -> None:
    groups = _get_groups(catalogue.generation.pointer, one, other, catalogue)
    if not groups:
        st.info("No products move together: what changes, changes for each in its own way.")
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
        label = f"{verb}, by {METHODS[method].title}" + (f": {values}" if values else "")
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
                    make_exchanged("Leave", one, group.lost),
                    make_exchanged("Come to", other, group.gained),
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


def _format_pair(pair: str) -> str:
    one, other = pair.split(",")
    return f"{METHODS[one].title} and {METHODS[other].title}"
