"""What moves between two methods: groups that go together, and the products that move most."""

from collections.abc import Sequence
from typing import cast

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.measures.maps.moved import CHANGED, LEAST, MOST, Group, common, groups
from similarity.measures.maps.schema import K, Maps
from similarity.measures.neighbours.differing import differing
from similarity.methods import METHODS
from similarity.ui.map.files import shared_colourings
from similarity.ui.map.maps import select
from similarity.ui.shared.caches import shared_maps
from similarity.ui.shared.headings import explained
from similarity.ui.shared.marks import titles
from similarity.ui.shared.pickers import choose
from similarity.ui.shared.plain import counted, plain
from similarity.ui.shared.rows import Group as Cells
from similarity.ui.shared.rows import Row, cells, show_rows
from similarity.ui.shared.split import show_split

SHOWN = 8  # pictures of a group
AROUND = 5  # of what it leaves and comes to
NAMED = 20  # of those that say what these are
HALF = 0.5  # of a group have a value that it is named by, at least
MORE = 1.5  # times as many as of all products
NAMES = 2


def pick_pair(pairs: Sequence[str]) -> tuple[str, str]:
    """The two methods whose neighbours are compared, of pairs 'one,other'."""
    pair = choose("pair", "Two methods", pairs, _said, rows=None) if len(pairs) > 1 else pairs[0]
    one, other = pair.split(",")
    return one, other


def show_moved(
    catalogue: Catalogue, found: Maps, pairs: Sequence[str], pair: tuple[str, str] | None
) -> None:
    """The part of the page, for two of the maps' methods, which are picked here if not above."""
    heading = st.container()
    one, other = pair or pick_pair(pairs)
    with heading:
        _explain(found, one, other)
    st.subheader("Groups that move together", anchor=False)
    _show_groups(catalogue, found, one, other)
    st.subheader("Products that move most", anchor=False)
    compared = differing(found.near, one, other, K, catalogue.products["category"].tolist())
    show_split(
        catalogue,
        compared,
        titles([one, other]),
        compared.among("all", 0, K, True),
        lambda product, _: select([product], one),
    )


def _explain(found: Maps, one: str, other: str) -> None:
    names = titles([one, other])
    of = f" of the {MOST:,} that change most" if len(found.near.queries) > MOST else ""
    explained(
        "What moved",
        "moved",
        f"From {plain(names[one])} to {plain(names[other])}, by the {K} nearest of each product in "
        "the methods' own spaces. **Click a picture to see it on the maps.**",
        [
            f"**Changed** is 1 - overlap@{K}: the share of a product's {K} nearest that are others "
            "by the other method. It knows nothing of the maps.",
            f"**Groups** are {LEAST} or more products{of} that leave the same neighbours and come "
            f"to the same; each has {CHANGED} or more of {K} changed. "
            "They are found by average linkage over the smaller one of two cosines, of lost and of "
            "gained neighbours, and no product is in two. The idea is Emblaze's (Sivaraman, Wu and "
            "Perer 2022, arXiv:2202.02641).",
            "**Names** are values of attributes that at least half of a group have, and not as "
            f"many of all products. That is a proxy: what makes a group may be something that no "
            f"attribute says. What it leaves and comes to is named by the {NAMED} most common.",
        ],
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _groups(pointer: bytes, one: str, other: str, _catalogue: Catalogue) -> list[Group]:
    return groups(shared_maps(_catalogue), one, other)


def _show_groups(catalogue: Catalogue, found: Maps, one: str, other: str) -> None:
    made = _groups(catalogue.generation.pointer, one, other, catalogue)
    if not made:
        st.info("No products move together: what changes, changes for each in its own way.")
        return
    products = catalogue.products.iloc[found.near.queries]
    ids = products.index
    attributes = shared_colourings(catalogue)

    def part(label: str, numbers: list[int], most: int) -> Cells:
        some = [str(ids[i]) for i in numbers[:most]]
        return Cells(label, cells(catalogue.name, products, some), max(0, len(numbers) - most))

    def around(verb: str, method: str, numbers: list[int]) -> Cells:
        what = _named(products, attributes, numbers[:NAMED])
        label = f"{verb}, by {METHODS[method].title}" + (f": {what}" if what else "")
        return Cells(label, part("", numbers, AROUND).cells)

    rows = []
    for place, group in enumerate(made):
        name = _named(products, attributes, group.members)
        count = counted(len(group.members), "product", "products")
        rows.append(
            Row(
                str(place),
                f"{count}: {name}" if name else count,
                [
                    part("These", group.members, SHOWN),
                    around("Leave", one, group.lost),
                    around("Come to", other, group.gained),
                ],
            )
        )

    def light(product: str, row: str) -> None:
        members = [str(ids[i]) for i in made[int(row)].members]
        select(members if product in members else [product], other)

    show_rows("groups", rows, light)


def _named(products: pd.DataFrame, attributes: list[str], numbers: list[int]) -> str:
    """The values that most of some products have and far fewer of all, the rarest first."""
    found = []
    for name in attributes:
        texts = products[name]
        value, count = common(cast(list[str], texts.iloc[numbers].tolist()))
        among_all = float((texts == value).mean())
        if value and count / len(numbers) >= max(HALF, MORE * among_all):
            found.append((among_all, f"{value} {count} of {len(numbers)}"))
    return ", ".join(said for _, said in sorted(found)[:NAMES])


def _said(pair: str) -> str:
    one, other = pair.split(",")
    return f"{METHODS[one].title} and {METHODS[other].title}"
