"""Measure P@1 and P@5 by category: how many of a product's nearest neighbours share its category.

    python -m benchmarks.quality demo
    python -m benchmarks.quality clothing --queries validation/
    python -m benchmarks.quality clothing --queries validation/ --gallery train/

Each query product is searched among all other products of the catalogue, or those whose path starts
with --gallery. A category is only a proxy for similarity. Intervals are 95 % percentile bootstraps
over the queries; those of a difference between two methods are over the paired differences, which
excludes what makes a query hard for both.
"""

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from similarity import Catalogue, open_catalogue
from similarity.statistics.intervals import compute_interval

K = 5


def match_categories(
    catalogue: Catalogue, method: str, queries: list[str], gallery: str
) -> np.ndarray:
    """Return whether each of the top 5 has the query's category: bool (queries, 5)."""
    category = catalogue.products["category"].to_dict()
    inside = catalogue.products["path"].str.startswith(gallery)
    k = K + int((~inside).sum())  # enough to include K of the gallery
    rows = []
    for query in queries:
        hits = catalogue.search(method, product=query, k=k, exact=True)
        top = [hit.product for hit in hits if inside[hit.product]][:K]
        rows.append([category[product] == category[query] for product in top])
    return np.array(rows)


def format_mean(values: np.ndarray) -> str:
    """Return the mean of one value per query, with its interval."""
    low, high = compute_interval(values)
    return (
        f"{values.mean():.2f}" if low == high else f"{values.mean():z.2f} [{low:z.2f}, {high:z.2f}]"
    )


def format_precisions(hits: np.ndarray) -> str:
    """Return P@1 and P@5 with their intervals, of matches (queries, 5) or of their differences."""
    return f"{format_mean(hits[:, 0].astype(float))} / {format_mean(hits.mean(1))}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("catalogue", help="name, or folder of a built catalogue")
    parser.add_argument("--queries", default="", help="only products whose path starts so")
    parser.add_argument("--gallery", default="", help="search only products whose path starts so")
    options = parser.parse_args()
    place = Path(options.catalogue)
    catalogue = open_catalogue(place if place.is_dir() else options.catalogue)
    products = catalogue.products
    queries_table = products[
        products["path"].str.startswith(options.queries) & (products["category"] != "")
    ]
    if queries_table.empty:
        raise SystemExit("No query has a category to judge its answers by.")
    queries = list(queries_table.index)
    hits_by_method = {
        key: match_categories(catalogue, key, queries, options.gallery) for key in catalogue.methods
    }

    inside = int(products["path"].str.startswith(options.gallery).sum())
    others = inside - bool(options.queries.startswith(options.gallery))
    title = f"{len(queries)} queries against {others} others, by category"
    table = Table("category", "n", title=title, title_justify="left")
    for key in hits_by_method:
        training = (
            f", trained with {catalogue.registry[key].training_labels}"
            if catalogue.registry[key].training_labels
            else ""
        )
        table.add_column(f"{catalogue.registry[key].title}{training}: P@1 / P@{K}")
    for category, indices in sorted(queries_table.groupby("category").indices.items()):
        cells = [
            f"{hits[indices, 0].mean():.2f} / {hits[indices].mean():.2f}"
            for hits in hits_by_method.values()
        ]
        table.add_row(str(category), str(len(indices)), *cells)
    table.add_section()
    table.add_row("all", str(len(queries)), *map(format_precisions, hits_by_method.values()))
    title = f"differences at the same {len(queries)} queries"
    differences = Table("of", "less", f"P@1 / P@{K}", title=title, title_justify="left")
    for one, other in combinations(hits_by_method, 2):
        less = hits_by_method[other].astype(float) - hits_by_method[one]
        differences.add_row(
            catalogue.registry[other].title, catalogue.registry[one].title, format_precisions(less)
        )
    Console(width=160).print(table, differences)


if __name__ == "__main__":
    main()
