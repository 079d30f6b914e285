"""Measure what "more like this" and "less like this" change, at several weights.

    python -m benchmarks.feedback [CATALOGUE]

For products whose first ten results have both right and wrong ones, by category: the share of right
results in the first ten after the first right one was marked "more like this", or the first wrong
one "less like this". The marked products are no results, whatever the weight.
"""

import argparse

import numpy as np

from benchmarks.measures import format_share, format_table
from similarity import Catalogue, open_catalogue
from similarity.indexes import Positions
from similarity.measures.metrics.schema import Figure
from similarity.methods import Method
from similarity.statistics.intervals import Values, compute_intervals

QUERIES, K = 300, 10
WEIGHTS = (0.75, 0.5, 0.25, 0.0, -0.15, -0.25, -0.5, -0.75)


def measure_feedback(catalogue: Catalogue, method: Method) -> Values:
    """Return the share of right results of each query at each of WEIGHTS: (n, weights)."""
    categories = catalogue.products["category"].to_numpy(dtype=object)
    vectors = catalogue.open_index(method).read(np.arange(len(categories)))
    shares: list[list[float]] = []
    for query in np.random.default_rng(0).permutation(len(categories)).tolist():
        is_right = categories == categories[query]

        def rank(row: Values, *leave_out: int) -> Positions:
            scores = vectors @ row
            scores[list(leave_out)] = -np.inf
            return np.argsort(-scores, kind="stable")[:K]

        first = rank(vectors[query], query)
        if len(shares) == QUERIES or len(set(is_right[first])) < 2:
            continue
        right, wrong = first[is_right[first]][0], first[~is_right[first]][0]
        row_shares = []
        for weight in WEIGHTS:
            marked = vectors[right if weight > 0 else wrong]
            results = rank(vectors[query] + weight * marked, query, right, wrong)
            row_shares.append(float(is_right[results].mean()))
        shares.append(row_shares)
    return np.array(shares)


def main() -> None:
    """Print a table with a row for each method whose vectors are kept in memory."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("catalogue", nargs="?", default="demo", help="name of a built catalogue")
    catalogue = open_catalogue(parser.parse_args().catalogue)
    rows = []
    for key in catalogue.methods:
        method = catalogue.resolve_method(key)
        if catalogue.open_index(method).row_type is np.uint8:
            continue
        values = measure_feedback(catalogue, method)
        figures = zip(values.mean(0), compute_intervals(values), strict=True)
        cells = [
            format_share(Figure(float(m), float(low), float(high))) for m, (low, high) in figures
        ]
        rows.append([f"{method.title}, n {len(values)}", *cells])
    print(format_table(["method", *(f"{weight:+g}" for weight in WEIGHTS)], rows))


if __name__ == "__main__":
    main()
