"""Products and what two methods have nearest to each: both, the one alone, the other alone."""

from collections.abc import Callable

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.measures.neighbours.differing import Differing
from similarity.ui.shared import query as url
from similarity.ui.shared.plain import counted
from similarity.ui.shared.rows import Group, Row, cells, show_rows

A_PAGE = 4  # products
MOST = 12  # pictures of a group; Compare has them all


def show_split(
    catalogue: Catalogue,
    compared: Differing,
    names: dict[str, str],
    some: list[int],
    on_pick: Callable[[str, str], None],
) -> None:
    """Show these rows of a comparison, page by page; `on_pick` is as that of show_rows.

    `names` are the titles of both methods.
    """
    one, other = names.values()
    if not some:
        st.info("No product is selected. Choose other bars, or all.")
        return
    pages = -(-len(some) // A_PAGE)
    number = min(max(url.number("rows", 1), 1), pages)
    products, ids = catalogue.products, compared.found.ids

    def group(label: str, positions: list[int]) -> Group:
        shown = [ids[i] for i in positions[:MOST]]
        return Group(label, cells(catalogue.name, products, shown), max(0, len(positions) - MOST))

    rows = []
    for row in some[(number - 1) * A_PAGE : number * A_PAGE]:
        split = compared.split(row)
        product = ids[split.query]
        (query,) = cells(catalogue.name, products, [product])
        rows.append(
            Row(
                product,
                f"{query.title}: {len(split.both)} of {compared.k} in common",
                [
                    group("Both", split.both),
                    group(f"{one} only", split.one),
                    group(f"{other} only", split.other),
                ],
                query,
            )
        )

    st.caption(counted(len(some), "product", "products"))
    show_rows("products", rows, on_pick)
    if pages > 1:
        key = url.key("rows", pages)
        st.pagination(
            pages,
            default=url.seed(key, number),
            key=key,
            max_visible_pages=3,
            on_change=lambda: url.put(rows=str(st.session_state[key])),
        )
