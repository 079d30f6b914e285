"""Hubs: products that appear in the results of many queries, by method."""

import pandas as pd

from similarity.catalogue import Catalogue
from similarity.measures.metrics.retrieval import CUTOFF
from similarity.measures.metrics.schema import Metrics
from similarity.ui.measure.part import show_part_heading
from similarity.ui.shared.marks import get_titles
from similarity.ui.shared.open_compare import request_compare
from similarity.ui.shared.rows import Group, Row, make_cells, show_rows

LISTED_HUBS = 8  # per method


def show_hubs(catalogue: Catalogue, metrics: Metrics) -> None:
    """Show for each method how uneven its results are, and its most frequent products."""
    show_part_heading(
        "hubs",
        f"The products that are among the {CUTOFF} nearest of more products than any others are: "
        "hubs. "
        "They crowd out what a customer was looking for, and other products are never found.",
        [
            f"**k-occurrence** of a product: of how many of the {metrics.queries:,} queries it is "
            f"among the {CUTOFF} nearest; it stands below each picture. In the mean that is "
            f"{CUTOFF * metrics.queries / metrics.products:.1f}.",
            "**Skewness** of the k-occurrence over all products: 0 is even, above 1 a few products "
            "are everywhere (Radovanović, Nanopoulos and Ivanović, JMLR 11, 2010). It is a figure "
            "of this catalogue and these queries, without an interval.",
        ],
    )
    names, products = get_titles(list(metrics.hubs)), catalogue.products
    rows = []
    for key, hub_figures in metrics.hubs.items():
        ids = [product for product, _ in hub_figures.top[:LISTED_HUBS]]
        notes = [f"{count:,}×" for _, count in hub_figures.top[:LISTED_HUBS]]
        title = (
            f"{names[key]}: skewness {hub_figures.skewness:.2f}, {hub_figures.never_share:.1%} of "
            f"{metrics.products:,} products never come up, n {metrics.queries:,}"
        )
        rows.append(Row(key, title, [Group("", make_cells(catalogue.name, products, ids, notes))]))
    show_rows("hubs", rows, request_compare)


def tabulate_hubs(metrics: Metrics) -> pd.DataFrame:
    """Return the most frequent products by method, for export."""
    return pd.DataFrame(
        [
            (key, hub_figures.skewness, hub_figures.never_share, product, count, metrics.queries)
            for key, hub_figures in metrics.hubs.items()
            for product, count in hub_figures.top
        ],
        columns=["method", "skewness", "never", "product", "times", "n"],
    )
