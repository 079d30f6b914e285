"""Products that come up again and again, by each method."""

import pandas as pd

from similarity.catalogue import Catalogue
from similarity.measures.metrics.retrieval import AT
from similarity.measures.metrics.schema import Metrics
from similarity.ui.measure.part import heading
from similarity.ui.shared.marks import titles
from similarity.ui.shared.picked import open_on_compare
from similarity.ui.shared.rows import Group, Row, cells, show_rows

SHOWN = 8  # products a method


def show_hubs(catalogue: Catalogue, found: Metrics) -> None:
    """For each method how uneven its answers are, and the products that are in most of them."""
    heading(
        "hubs",
        f"The products that are among the {AT} nearest of more products than any others are: hubs. "
        "They crowd out what a customer was looking for, and other products are never found.",
        [
            f"**k-occurrence** of a product: of how many of the {found.queries:,} queries it is "
            f"among the {AT} nearest; it stands below each picture. In the mean that is "
            f"{AT * found.queries / found.products:.1f}.",
            "**Skewness** of the k-occurrence over all products: 0 is even, above 1 a few products "
            "are everywhere (Radovanović, Nanopoulos and Ivanović, JMLR 11, 2010). It is a figure "
            "of this catalogue and these queries, without an interval.",
        ],
    )
    names, products = titles(list(found.hubs)), catalogue.products
    rows = []
    for key, of in found.hubs.items():
        ids = [product for product, _ in of.most[:SHOWN]]
        notes = [f"{count:,}×" for _, count in of.most[:SHOWN]]
        title = (
            f"{names[key]}: skewness {of.skewness:.2f}, {of.never:.1%} of {found.products:,} "
            f"products never come up, n {found.queries:,}"
        )
        rows.append(Row(key, title, [Group("", cells(catalogue.name, products, ids, notes))]))
    show_rows("hubs", rows, open_on_compare)


def hubs(found: Metrics) -> pd.DataFrame:
    """The products that come up most, by method."""
    return pd.DataFrame(
        [
            (key, of.skewness, of.never, product, count, found.queries)
            for key, of in found.hubs.items()
            for product, count in of.most
        ],
        columns=["method", "skewness", "never", "product", "times", "n"],
    )
