"""Hubs: products that appear in the results of many queries, by method."""

import pandas as pd

from similarity.catalogue import Catalogue
from similarity.display.marks import get_titles
from similarity.measures.metrics.retrieval import CUTOFF
from similarity.measures.metrics.schema import Metrics
from similarity.ui.shared.open_compare import request_compare
from similarity.ui.shared.rows import Group, Row, make_cells, show_rows
from similarity.ui.shared.section import Section

LISTED_HUBS = 8  # per method


def make_hubs_section(catalogue: Catalogue, metrics: Metrics) -> Section | None:
    """Return the section about the most frequent products of each method, if there are any."""
    counts = {key: hubs.top[0][1] for key, hubs in metrics.hubs.items() if hubs.top}
    if not counts:
        return None
    worst = max(counts, key=counts.__getitem__)
    conclusion = (
        "Over-recommended products: by "
        f"{get_titles(catalogue, [worst])[worst]}, one product is a result of "
        f"{counts[worst] / metrics.queries:.0%}".replace("%", " %")
        + " of searches"
    )
    facts = [
        "**Hubs** are products that are among the results of many others. They crowd out what a "
        "customer was looking for, and other products are never shown.",
        f"**k-occurrence** of a product, below each picture: of how many of the "
        f"{metrics.queries:,} queries it is among the {CUTOFF} nearest. On average that is "
        f"{CUTOFF * metrics.queries / metrics.products:.1f}.",
        "**Skewness** of the k-occurrence over all products: 0 is even, above 1 a few products "
        "are everywhere (Radovanović, Nanopoulos and Ivanović, JMLR 11, 2010). It is a figure "
        "of this catalogue and these queries, without an interval.",
    ]
    return Section("hubs", conclusion, lambda: _show_hubs(catalogue, metrics), facts)


def _show_hubs(catalogue: Catalogue, metrics: Metrics) -> None:
    names, products = get_titles(catalogue, list(metrics.hubs)), catalogue.products
    rows = []
    for key, hub_figures in metrics.hubs.items():
        ids = [product for product, _ in hub_figures.top[:LISTED_HUBS]]
        notes = [f"{count:,}×" for _, count in hub_figures.top[:LISTED_HUBS]]
        title = (
            f"{names[key]}: {hub_figures.never_share:.1%}".replace("%", " %")
            + f" of products are never a result, skewness {hub_figures.skewness:.2f}"
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
