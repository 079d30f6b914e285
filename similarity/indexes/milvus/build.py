"""Write the indexes of a catalogue's methods in Milvus, and measure their recall."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from similarity.indexes import (
    KINDS,
    TOP_K,
    Kind,
    Positions,
    RandomPairs,
    Rows,
    write_manifest,
)
from similarity.indexes.milvus.collection import BUILD_TIMEOUT, Collection
from similarity.indexes.milvus.index import ALL_CELLS, MilvusIndex
from similarity.indexes.milvus.products import Products
from similarity.indexes.recall import (
    TIES,
    Queries,
    draw_queries,
    select_exact_top,
)
from similarity.methods import Method
from similarity.store.progress import Step

BATCH_SIZE = 50  # queries per request


def write_milvus(
    folder: Path,
    collection: Collection,
    method: Method,
    products: Products,
    compute_rows: Callable[[Sequence[str]], Rows],
    pairs: Mapping[Kind, RandomPairs],
    texts: Rows,
    target_recall: float,
    step: Step,
    precision: str = "fp32",
) -> None:
    """Write the folder of an index whose vectors are already in a collection.

    For an approximate index, the number of probed cells is chosen to reach `target_recall` of the
    exact top TOP_K, and the recall is measured, as for local approximate indexes.
    """
    folder.mkdir(parents=True)
    kind = next(name for name, kind in KINDS.items() if kind is collection.index)
    facts: dict[str, Any] = {}
    probes = 0
    if not collection.index.exact:
        index = collection.index(products.ids, method.dim)
        index.address, index.collection = collection.address, collection.name
        positions = draw_queries(len(products.ids))
        queries_by_kind = {
            "pictures": find_exact(
                index, compute_rows([products.ids[i] for i in positions]), positions, step
            )
        }
        if len(texts):
            queries_by_kind["words"] = find_exact(index, texts, np.full(len(texts), -1), step)
        halves = [queries.take_half(0) for queries in queries_by_kind.values()]
        index.probes = probes = choose_probes(index, halves, collection.cells, target_recall)
        recall = {
            name: queries.take_half(1).compute_recall(search_all(index, queries.take_half(1)))
            for name, queries in queries_by_kind.items()
        }
        facts = {
            "wanted": target_recall,
            "recall": {name: asdict(value) for name, value in recall.items()},
        }
    facts["precision"] = precision
    facts["milvus"] = collection.describe(products, probes)
    write_manifest(folder, method, kind, products.ids, pairs, facts)


def find_exact(index: MilvusIndex, rows: Rows, own_positions: Positions, step: Step) -> Queries:
    """Return queries with their exact results, which Milvus finds by probing all cells."""
    answers = []
    for start in range(0, len(rows), BATCH_SIZE):
        batch = slice(start, start + BATCH_SIZE)
        limit = min(TIES + 1, index.count)
        results = index.query(rows[batch], limit, ALL_CELLS, BUILD_TIMEOUT)
        answers += [
            select_exact_top(
                query_scores[query_positions >= 0],
                query_positions[query_positions >= 0],
                own_position,
            )
            for (query_positions, query_scores), own_position in zip(
                results, own_positions[batch], strict=True
            )
        ]
        step("Measuring recall", len(answers), len(rows))
    return Queries(rows, own_positions, answers)


def choose_probes(
    index: MilvusIndex, query_sets: Sequence[Queries], cells: int, target_recall: float
) -> int:
    """Return the fewest probed cells, a power of 2, that reach the target recall for all queries.

    See `similarity.indexes.approximate.build.choose_effort`.
    """
    probes = 1
    while probes < cells:
        lower = min(
            queries.compute_lower_limit(_search_lists(index, queries, probes))
            for queries in query_sets
        )
        if lower >= target_recall:
            break
        probes *= 2
    return min(probes, cells)


def search_all(index: MilvusIndex, queries: Queries) -> Positions:
    """Search for many queries at once: positions (n, TOP_K)."""
    nearest = np.empty((len(queries.rows), TOP_K), np.int64)
    lists = _search_lists(index, queries, index.probes)
    for number, (candidates, own_position) in enumerate(
        zip(lists, queries.own_positions, strict=True)
    ):
        others = candidates[(candidates >= 0) & (candidates != own_position)][:TOP_K]
        if len(others) < TOP_K:  # a single search continues beyond one request
            others, _ = index.search(queries.rows[number], TOP_K, leave_out=int(own_position))
        nearest[number] = others
    return nearest


def _search_lists(index: MilvusIndex, queries: Queries, probes: int) -> Positions:
    """Return the results of probing a number of cells: (n, TIES + 1), padded with -1."""
    lists = np.full((len(queries.rows), TIES + 1), -1)
    for start in range(0, len(queries.rows), BATCH_SIZE):
        answers = index.query(
            queries.rows[start : start + BATCH_SIZE], TIES + 1, probes, BUILD_TIMEOUT
        )
        for number, (positions, _) in enumerate(answers, start):
            lists[number, : len(positions)] = positions
    return lists
