"""Products with their results by two methods: common to both, and unique to each."""

from collections.abc import Callable

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.text import format_count
from similarity.measures.neighbours.differences import MethodComparison
from similarity.ui.shared.pages import get_page, pick_page
from similarity.ui.shared.rows import Group, Row, make_cells, show_rows

PAGE_SIZE = 4  # products
MAX_PICTURES = 12  # per group; Compare shows them all


def show_split(
    catalogue: Catalogue,
    comparison: MethodComparison,
    names: dict[str, str],
    row_numbers: list[int],
    on_pick: Callable[[str, str], None],
) -> None:
    """Show rows of a comparison, page by page; `on_pick` as in show_rows.

    `names` are the titles of both methods.
    """
    one, other = names.values()
    if not row_numbers:
        st.info("No product matches. Choose other bars, or all of them.")
        return
    pages = -(-len(row_numbers) // PAGE_SIZE)
    number = get_page("rows", pages)
    products, ids = catalogue.products, comparison.neighbours.ids

    def make_group(label: str, positions: list[int]) -> Group:
        group_ids = [ids[i] for i in positions[:MAX_PICTURES]]
        return Group(
            label,
            make_cells(catalogue.name, products, group_ids),
            max(0, len(positions) - MAX_PICTURES),
        )

    rows = []
    for row in row_numbers[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]:
        split = comparison.split_results(row)
        product = ids[split.query]
        (query,) = make_cells(catalogue.name, products, [product])
        rows.append(
            Row(
                product,
                f"{query.title}: {len(split.common)} of {comparison.k} results shared",
                [
                    make_group("Both", split.common),
                    make_group(f"{one} only", split.only_one),
                    make_group(f"{other} only", split.only_other),
                ],
                query,
            )
        )

    st.caption(format_count(len(row_numbers), "product", "products"))
    show_rows("products", rows, on_pick)
    if pages > 1:
        pick_page("rows", pages)
