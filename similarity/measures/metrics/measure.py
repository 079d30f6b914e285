"""Measure methods on products: a whole catalogue, or those that a filter leaves."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import skew

from similarity.failures import Failures
from similarity.indexes import Positions, rank_scores
from similarity.measures.metrics.combined import measure_combined
from similarity.measures.metrics.folds import assign_folds
from similarity.measures.metrics.groups import (
    find_near_duplicates,
    join_near_duplicates,
    number_groups,
)
from similarity.measures.metrics.retrieval import CUTOFF, MAX_DEPTH
from similarity.measures.metrics.schema import (
    NEAREST,
    Agreement,
    Attribute,
    Figure,
    Hubs,
)
from similarity.measures.metrics.tables import build_attribute_tables, number_labels
from similarity.measures.metrics.texts import compute_text_table
from similarity.measures.neighbours.agreement import Ranks, rank_biased_overlap
from similarity.measures.neighbours.schema import K, Neighbours
from similarity.measures.rankings import Rankings, RowSource, rank_products
from similarity.methods import Method
from similarity.statistics.clusters import Numbers
from similarity.statistics.intervals import Values, compute_intervals
from similarity.statistics.sampling import draw_sample
from similarity.store.progress import Step

QUERIES = 1500  # random products that serve as queries
LISTED_HUBS = 12  # products that are listed by name
ACTIVITY = "Measuring"


def draw_queries(count: int) -> Positions:
    """Return the positions of the products, out of `count`, that serve as queries."""
    return draw_sample(count, QUERIES if count > 1 else 0)


def measure_products(
    indexes: Mapping[Method, RowSource],
    products: pd.DataFrame,
    stamps: Mapping[str, str],
    step: Step,
    failures: Failures,
) -> tuple[dict[str, Any], Neighbours]:
    """Return the fields of Metrics that compare methods on the products, and the neighbours.

    `indexes` have the products' rows in the order of the table, and `stamps` identify the vectors
    by the key of a method.
    """
    ids: list[str] = products.index.tolist()
    queries = draw_queries(len(ids))
    labels = number_labels(products)
    largest = max((int(counts.max()) for _, counts in labels.values()), default=0)
    depth = min(max(largest, 2 * K), MAX_DEPTH, len(ids) - 1)
    # deep enough that `depth` results remain without near-duplicates
    search_depth = min(depth + NEAREST, len(ids) - 1)
    rankings_by_method = []
    for number, (method, index) in enumerate(indexes.items()):

        def report(done: int, number: int = number) -> None:
            step(ACTIVITY, number * len(queries) + done, len(indexes) * len(queries))

        nearest_products, scores = rank_products(
            index, index.read(queries), queries, search_depth, report
        )
        rankings_by_method.append(Rankings(method, index, nearest_products, scores))
    duplicates = find_near_duplicates(
        [(ranking.neighbours, ranking.scores) for ranking in rankings_by_method]
    )
    groups = join_near_duplicates(number_groups(products), queries.tolist(), duplicates)
    folds = assign_folds(groups)
    words, texts = compute_text_table(rankings_by_method, products, folds, step, failures)
    answers = {ranking.method.key: ranking.neighbours for ranking in rankings_by_method}
    fields: dict[str, Any] = {
        "queries": len(queries),
        "products": len(ids),
        "groups": len(np.unique(groups[queries])),
        "depth": depth,
        "queries_with_duplicates": sum(map(bool, duplicates)),
        "duplicate_pairs": sum(map(len, duplicates)),
        "attributes": [
            Attribute(
                name,
                len(counts),
                build_attribute_tables(answers, queries, codes, duplicates, folds, depth),
            )
            for name, (codes, counts) in labels.items()
        ],
        "words": words,
        "texts": texts,
        "combined": measure_combined(
            rankings_by_method,
            products,
            {name: codes for name, (codes, _) in labels.items()},
            folds,
            step,
            failures,
        ),
        "agreements": [
            _compute_agreement(*pair, groups[queries])
            for pair in combinations(rankings_by_method, 2)
            if len(queries)
        ],
        "hubs": {
            ranking.method.key: compute_hubs(ranking.neighbours[:, :CUTOFF], ids)
            for ranking in rankings_by_method
            if len(queries)
        },
    }
    nearest = {ranking.method.key: ranking.neighbours[:, :K] for ranking in rankings_by_method}
    neighbours = Neighbours(ids, stamps, queries, nearest, folds)
    return fields, neighbours


def compute_hubs(neighbours: Positions, ids: Sequence[str]) -> Hubs:
    """Return how unevenly the nearest neighbours of queries (n, k) are spread.

    The skewness of k-occurrence is that of Radovanović, Nanopoulos and Ivanović (JMLR 11, 2010).
    """
    occurrences = np.bincount(neighbours.ravel(), minlength=len(ids))
    order = np.argsort(-occurrences, kind="stable")[:LISTED_HUBS]
    return Hubs(
        float(skew(occurrences)) if np.ptp(occurrences) else 0.0,
        float((occurrences == 0).mean()),
        [(ids[i], int(occurrences[i])) for i in order],
    )


def _compute_figures(values: Values, groups: Numbers) -> list[Figure]:
    """Return the figure of each column."""
    limits = compute_intervals(values, groups)
    return [
        Figure(float(mean), float(low), float(high))
        for mean, (low, high) in zip(values.mean(0), limits, strict=True)
    ]


def _compute_agreement(one: Rankings, other: Rankings, groups: Numbers) -> Agreement:
    def rank_results(rankings: Rankings) -> Iterator[Ranks]:
        for neighbours, scores in zip(
            rankings.neighbours[:, :CUTOFF].tolist(), rankings.scores[:, :CUTOFF], strict=True
        ):
            yield dict(zip(map(str, neighbours), rank_scores(scores)[0].tolist(), strict=True))

    ranked_pairs = list(zip(rank_results(one), rank_results(other), strict=True))
    values = [(len(a.keys() & b.keys()), rank_biased_overlap(a, b)) for a, b in ranked_pairs]
    overlap, rbo = _compute_figures(np.array(values, np.float64), groups)
    return Agreement(one.method.key, other.method.key, overlap, rbo)
