"""P@1 and P@5 by category: how many of a product's nearest neighbours share its category.

    python -m benchmarks.quality demo
    python -m benchmarks.quality clothing --queries validation/
    python -m benchmarks.quality clothing --queries validation/ --gallery train/

Each query product is searched among all other products of the catalogue, or those whose path
starts as --gallery says. A category is only a proxy of similarity. Intervals are 95 % percentile
bootstraps over the queries; those of a difference between two methods are over the differences at
each query, so that what makes a query hard for both is not in them.
"""

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from similarity import METHODS, Catalogue, open_catalogue
from similarity.statistics.intervals import limits

K = 5


def matches(catalogue: Catalogue, method: str, queries: list[str], gallery: str) -> np.ndarray:
    """Whether each of the top 5 is of the query's category: bool (queries, 5)."""
    category = catalogue.products["category"].to_dict()
    inside = catalogue.products["path"].str.startswith(gallery)
    k = K + int((~inside).sum())  # so many that K of the gallery are among them
    found = []
    for query in queries:
        hits = catalogue.search(method, product=query, k=k, exact=True)
        top = [hit.product for hit in hits if inside[hit.product]][:K]
        found.append([category[product] == category[query] for product in top])
    return np.array(found)


def interval(values: np.ndarray) -> str:
    """The mean of one value a query, with its interval."""
    low, high = limits(values)
    return (
        f"{values.mean():.2f}" if low == high else f"{values.mean():z.2f} [{low:z.2f}, {high:z.2f}]"
    )


def both(hits: np.ndarray) -> str:
    """P@1 and P@5 with their intervals, of matches (queries, 5) or of differences of them."""
    return f"{interval(hits[:, 0].astype(float))} / {interval(hits.mean(1))}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("catalogue", help="name, or folder of a built catalogue")
    options.add_argument("--queries", default="", help="only products whose path starts so")
    options.add_argument("--gallery", default="", help="search only products whose path starts so")
    given = options.parse_args()
    place = Path(given.catalogue)
    catalogue = open_catalogue(place if place.is_dir() else given.catalogue)
    products = catalogue.products
    chosen = products[products["path"].str.startswith(given.queries) & (products["category"] != "")]
    if chosen.empty:
        raise SystemExit("No query has a category to judge its answers by.")
    queries = list(chosen.index)
    found = {key: matches(catalogue, key, queries, given.gallery) for key in catalogue.methods}

    inside = int(products["path"].str.startswith(given.gallery).sum())
    others = inside - bool(given.queries.startswith(given.gallery))
    title = f"{len(queries)} queries against {others} others, by category"
    table = Table("category", "n", title=title, title_justify="left")
    for key in found:
        taught = f", trained with {METHODS[key].labels}" if METHODS[key].labels else ""
        table.add_column(f"{METHODS[key].title}{taught}: P@1 / P@{K}")
    for category, indices in sorted(chosen.groupby("category").indices.items()):
        cells = [
            f"{hits[indices, 0].mean():.2f} / {hits[indices].mean():.2f}" for hits in found.values()
        ]
        table.add_row(str(category), str(len(indices)), *cells)
    table.add_section()
    table.add_row("all", str(len(queries)), *map(both, found.values()))
    title = f"differences at the same {len(queries)} queries"
    apart = Table("of", "less", f"P@1 / P@{K}", title=title, title_justify="left")
    for one, other in combinations(found, 2):
        less = found[other].astype(float) - found[one]
        apart.add_row(METHODS[other].title, METHODS[one].title, both(less))
    Console(width=160).print(table, apart)


if __name__ == "__main__":
    main()
