"""Measure how far methods agree: on the first ten products of the app, and on the build's sample.

    python -m benchmarks.agreement [CATALOGUE]

Overlap is the number of the first 12 results that two methods share, RBO their rank-biased overlap.
The sample's means have 95 % percentile bootstrap intervals over its products.
"""

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.quality import format_mean
from similarity import open_catalogue
from similarity.measures.neighbours.agreement import P, count_common, rank_biased_overlap, rank_hits
from similarity.measures.neighbours.schema import WALK_K as K
from similarity.measures.neighbours.schema import load_neighbours
from similarity.ui.shared.browse import PAGE_SIZE, shuffle_positions


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "catalogue", nargs="?", default="demo", help="name, or folder of a built one"
    )
    options = parser.parse_args()
    place = Path(options.catalogue)
    catalogue = open_catalogue(place if place.is_dir() else options.catalogue)
    index = catalogue.products.index
    queries = index[shuffle_positions(len(index), seed=0)[:PAGE_SIZE]].tolist()
    answers = {
        key: [rank_hits(catalogue.search(key, product=query, k=K)) for query in queries]
        for key in catalogue.methods
    }
    neighbours = load_neighbours(catalogue)

    table = Table("methods", title=f"'{catalogue.name}', of {K} results", title_justify="left")
    for heading in (
        f"overlap, mean of {len(queries)} (range)",
        f"RBO, p = {P}",
        f"overlap, mean of {len(neighbours.products)}",
    ):
        table.add_column(heading, justify="right")
    for one, other in combinations(answers, 2):
        pairs = list(zip(answers[one], answers[other], strict=True))
        overlaps = [count_common(first, second) for first, second in pairs]
        rbos = [rank_biased_overlap(first, second) for first, second in pairs]
        table.add_row(
            f"{catalogue.registry[one].title} · {catalogue.registry[other].title}",
            f"{np.mean(overlaps):.1f} ({min(overlaps)} to {max(overlaps)})",
            f"{np.mean(rbos):.2f}",
            format_mean(neighbours.compute_overlap(one, other, K)),
        )
    Console().print(table)
    table = Table("query's category", title="Only here, of each method", title_justify="left")
    for key in answers:
        table.add_column(catalogue.registry[key].title, justify="right")
    for number, query in enumerate(queries):
        products_by_method = {key: answers[key][number].keys() for key in answers}
        unique_counts = [
            sum(
                all(p not in products_by_method[o] for o in products_by_method if o != key)
                for p in products_by_method[key]
            )
            for key in products_by_method
        ]
        table.add_row(catalogue.products["category"][query], *map(str, unique_counts))
    Console().print(table)


if __name__ == "__main__":
    main()
