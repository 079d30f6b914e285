"""Compute every method's metrics and neighbours; builds call `compute_metrics`."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import pandas as pd

from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import (
    VectorIndex,
    compute_fingerprint,
    list_built_methods,
    open_built_index,
)
from similarity.measures.files import compute_index_stamp, compute_stamp
from similarity.measures.metrics import schema as metrics_file
from similarity.measures.metrics.costs import Rates, measure_costs
from similarity.measures.metrics.measure import draw_queries, measure_products
from similarity.measures.metrics.no_match import measure_no_match
from similarity.measures.metrics.schema import FORMAT, Metrics, NoMatch
from similarity.measures.neighbours import schema as neighbours_file
from similarity.methods import Method
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

    def open_indexes() -> dict[Method, VectorIndex]:
        return {method: open_built_index(generation, method, catalogue) for method in methods}

    if previous and is_same and (files := _reuse_files(generation, ids, stamps)):
        if {m.key: compute_index_stamp(generation, m) for m in methods} == previous.indexes:
            return files
        costs = measure_costs(generation, open_indexes(), rates, previous, draw_queries(len(ids)))
        files[metrics_file.PATH] = metrics_file.to_json(replace(previous, **costs))
        return files
    indexes = open_indexes()
    fields, neighbours = measure_products(indexes, products, stamps, step, failures)
    metrics = Metrics(
        format=FORMAT,
        catalogue=catalogue,
        products_hash=products_hash,
        methods=stamps,
        no_match=_measure_no_match(indexes, products, failures),
        **fields,
        **measure_costs(generation, indexes, rates, previous, neighbours.queries),
    )
    return {
        metrics_file.PATH: metrics_file.to_json(metrics),
        neighbours_file.PATH: neighbours_file.to_bytes(neighbours),
    }


def _measure_no_match(
    indexes: Mapping[Method, VectorIndex], products: pd.DataFrame, failures: Failures
) -> dict[str, NoMatch]:
    measured = {}
    for method, index in indexes.items():
        if method.answers_text:
            with (
                failures.catch([method], "measuring text search"),
                suppress(SimilarityError),  # the weights may be gone
            ):
                if no_match := measure_no_match(method, index, products):
                    measured[method.key] = no_match
    return measured


def _hash_products(products: pd.DataFrame) -> str:
    """Return a hash of the products' attributes."""
    texts = products[[name for name in products if name not in RESERVED_COLUMNS]]
    return compute_fingerprint([*texts.columns, *map(str, pd.util.hash_pandas_object(texts))])


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
