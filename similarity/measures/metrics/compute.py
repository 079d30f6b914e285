"""Compute every method's metrics and neighbours; builds call `compute_metrics`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import skew

from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import (
    Positions,
    compute_fingerprint,
    list_built_methods,
    open_built_index,
    rank_scores,
)
from similarity.measures.files import compute_index_stamp, compute_stamp
from similarity.measures.metrics import schema as metrics_file
from similarity.measures.metrics.combined import measure_combined
from similarity.measures.metrics.costs import Rates, measure_costs
from similarity.measures.metrics.folds import assign_folds
from similarity.measures.metrics.groups import (
    find_near_duplicates,
    join_near_duplicates,
    number_groups,
)
from similarity.measures.metrics.no_match import measure_no_match
from similarity.measures.metrics.retrieval import CUTOFF, MAX_DEPTH
from similarity.measures.metrics.schema import (
    FORMAT,
    NEAREST,
    Agreement,
    Attribute,
    Figure,
    Hubs,
    Metrics,
    NoMatch,
)
from similarity.measures.metrics.tables import build_attribute_tables, number_labels
from similarity.measures.metrics.texts import compute_text_table
from similarity.measures.neighbours import schema as neighbours_file
from similarity.measures.neighbours.agreement import Ranks, rank_biased_overlap
from similarity.measures.neighbours.schema import K, Neighbours
from similarity.measures.rankings import Rankings, rank_products
from similarity.statistics.clusters import Numbers
from similarity.statistics.intervals import Values, compute_intervals
from similarity.statistics.sampling import draw_sample
from similarity.store.generations import Generation
from similarity.store.progress import Step
from similarity.store.table import RESERVED_COLUMNS

QUERIES = 1500  # random products that serve as queries
LISTED_HUBS = 12  # products that are listed by name
ACTIVITY = "Measuring"


def compute_metrics(
    generation: Generation,
    products: pd.DataFrame,
    rates: Rates,
    step: Step,
    failures: Failures,
) -> dict[str, bytes]:
    """Return the files of measures by path, with all methods that have an up-to-date index.

    The generation's own files are reused if nothing that they depend on has changed. If only kinds
    of indexes have changed, only the search costs are measured again.
    """
    ids: list[str] = products.index.tolist()
    catalogue, products_hash = compute_fingerprint(ids), _hash_products(products)
    methods = list_built_methods(generation, catalogue)
    stamps = {method.key: compute_stamp(generation, method, catalogue) for method in methods}
    previous, identity = _read_previous(generation), (catalogue, products_hash, stamps)
    is_same = (
        previous and (previous.catalogue, previous.products_hash, previous.methods) == identity
    )
    queries = draw_sample(len(ids), QUERIES)
    if len(ids) < 2:
        queries = queries[:0]
    if previous and is_same and (files := _reuse_files(generation, ids, stamps)):
        if {m.key: compute_index_stamp(generation, m) for m in methods} == previous.indexes:
            return files
        indexes = {method: open_built_index(generation, method, catalogue) for method in methods}
        files[metrics_file.PATH] = metrics_file.to_json(
            replace(previous, **measure_costs(generation, indexes, rates, previous, queries))
        )
        return files
    labels = number_labels(products)
    largest = max((int(counts.max()) for _, counts in labels.values()), default=0)
    depth = min(max(largest, 2 * K), MAX_DEPTH, len(ids) - 1)
    # deep enough that `depth` results remain without near-duplicates
    search_depth = min(depth + NEAREST, len(ids) - 1)
    rankings_by_method = []
    for number, method in enumerate(methods):

        def report(done: int, number: int = number) -> None:
            step(ACTIVITY, number * len(queries) + done, len(methods) * len(queries))

        index = open_built_index(generation, method, catalogue)
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
    metrics = Metrics(
        format=FORMAT,
        catalogue=catalogue,
        products_hash=products_hash,
        methods=stamps,
        queries=len(queries),
        products=len(ids),
        groups=len(np.unique(groups[queries])),
        depth=depth,
        queries_with_duplicates=sum(map(bool, duplicates)),
        duplicate_pairs=sum(map(len, duplicates)),
        attributes=[
            Attribute(
                name,
                len(counts),
                build_attribute_tables(answers, queries, codes, duplicates, folds, depth),
            )
            for name, (codes, counts) in labels.items()
        ],
        words=words,
        texts=texts,
        combined=measure_combined(
            rankings_by_method,
            products,
            {name: codes for name, (codes, _) in labels.items()},
            folds,
            step,
            failures,
        ),
        no_match=_measure_no_match(rankings_by_method, products, failures),
        agreements=[
            _compute_agreement(*pair, groups[queries])
            for pair in combinations(rankings_by_method, 2)
            if len(queries)
        ],
        hubs={
            ranking.method.key: compute_hubs(ranking.neighbours[:, :CUTOFF], ids)
            for ranking in rankings_by_method
            if len(queries)
        },
        **measure_costs(
            generation,
            {ranking.method: ranking.index for ranking in rankings_by_method},
            rates,
            previous,
            queries,
        ),
    )
    nearest = {ranking.method.key: ranking.neighbours[:, :K] for ranking in rankings_by_method}
    neighbours = Neighbours(ids, stamps, queries, nearest, folds)
    return {
        metrics_file.PATH: metrics_file.to_json(metrics),
        neighbours_file.PATH: neighbours_file.to_bytes(neighbours),
    }


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


def _measure_no_match(
    rankings_by_method: Sequence[Rankings], products: pd.DataFrame, failures: Failures
) -> dict[str, NoMatch]:
    measured = {}
    for ranking in rankings_by_method:
        if ranking.method.answers_text:
            with (
                failures.catch([ranking.method], "measuring text search"),
                suppress(SimilarityError),  # the weights may be gone
            ):
                if no_match := measure_no_match(ranking, products):
                    measured[ranking.method.key] = no_match
    return measured


def _compute_figures(values: Values, groups: Numbers) -> list[Figure]:
    """Return the figure of each column."""
    limits = compute_intervals(values, groups)
    return [
        Figure(float(mean), float(low), float(high))
        for mean, (low, high) in zip(values.mean(0), limits, strict=True)
    ]


def _hash_products(products: pd.DataFrame) -> str:
    """Return a hash of the products' attributes."""
    texts = products[[name for name in products if name not in RESERVED_COLUMNS]]
    return compute_fingerprint([*texts.columns, *map(str, pd.util.hash_pandas_object(texts))])


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


def _reuse_files(
    generation: Generation, ids: Sequence[str], stamps: Mapping[str, str]
) -> dict[str, bytes]:
    """Return both files of a generation if its neighbours are readable and up to date."""
    try:
        files = {path: generation.read(path) for path in (metrics_file.PATH, neighbours_file.PATH)}
        is_same = neighbours_file.from_bytes(files[neighbours_file.PATH], ids).stamps == stamps
    except SimilarityError:
        return {}
    return files if is_same else {}


def _read_previous(generation: Generation) -> Metrics | None:
    """Return the metrics of a previous build, if any."""
    try:
        return metrics_file.from_json(generation.read(metrics_file.PATH))
    except SimilarityError:
        return None
