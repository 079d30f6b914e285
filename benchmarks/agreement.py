"""How far methods agree: on the first ten products that a visitor sees, and on the build's sample.

    python -m benchmarks.agreement [CATALOGUE]

Overlap is how many of the first 12 results two methods share, RBO their rank-biased overlap. The
sample's means have 95 % percentile bootstrap intervals over its products.
"""

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.quality import interval
from similarity import METHODS, open_catalogue
from similarity.measures.neighbours.agreement import P, overlap, rank_biased_overlap, ranks
from similarity.measures.neighbours.schema import WALKED as K
from similarity.measures.neighbours.schema import stored_neighbours
from similarity.ui.shared.browse import A_PAGE, shuffled


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument(
        "catalogue", nargs="?", default="demo", help="name, or folder of a built one"
    )
    given = options.parse_args()
    place = Path(given.catalogue)
    catalogue = open_catalogue(place if place.is_dir() else given.catalogue)
    index = catalogue.products.index
    queries = index[shuffled(len(index), seed=0)[:A_PAGE]].tolist()
    answers = {
        key: [ranks(catalogue.search(key, product=query, k=K)) for query in queries]
        for key in catalogue.methods
    }
    usual = stored_neighbours(catalogue)

    table = Table("methods", title=f"'{catalogue.name}', of {K} results", title_justify="left")
    for heading in (
        f"overlap, mean of {len(queries)} (range)",
        f"RBO, p = {P}",
        f"overlap, mean of {len(usual.products)}",
    ):
        table.add_column(heading, justify="right")
    for one, other in combinations(answers, 2):
        both = list(zip(answers[one], answers[other], strict=True))
        shared = [overlap(first, second) for first, second in both]
        biased = [rank_biased_overlap(first, second) for first, second in both]
        table.add_row(
            f"{METHODS[one].title} · {METHODS[other].title}",
            f"{np.mean(shared):.1f} ({min(shared)} to {max(shared)})",
            f"{np.mean(biased):.2f}",
            interval(usual.shared(one, other, K)),
        )
    Console().print(table)
    table = Table("query's category", title="Only here, of each method", title_justify="left")
    for key in answers:
        table.add_column(METHODS[key].title, justify="right")
    for number, query in enumerate(queries):
        found = {key: answers[key][number].keys() for key in answers}
        alone = [
            sum(all(p not in found[o] for o in found if o != key) for p in found[key])
            for key in found
        ]
        table.add_row(catalogue.products["category"][query], *map(str, alone))
    Console().print(table)


if __name__ == "__main__":
    main()
