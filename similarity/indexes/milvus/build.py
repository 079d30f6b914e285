"""Keep the indexes of a catalogue's methods in Milvus: where, and how well they find."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from similarity.indexes import (
    AT,
    KINDS,
    Kind,
    Positions,
    RandomPairs,
    Rows,
    write_manifest,
)
from similarity.indexes.milvus.collection import PATIENT, Collection
from similarity.indexes.milvus.index import ALL, MilvusIndex
from similarity.indexes.milvus.products import Products
from similarity.indexes.recall import (
    TIES,
    Queries,
    answers_of,
    draw_queries,
)
from similarity.methods import Method
from similarity.store.progress import Step

ASKED = 50  # queries at a time


def write_milvus(
    folder: Path,
    collection: Collection,
    method: Method,
    products: Products,
    rows: Callable[[Sequence[str]], Rows],
    pairs: Mapping[Kind, RandomPairs],
    texts: Rows,
    wanted: float,
    step: Step,
    precision: str = "fp32",
) -> None:
    """Write the folder of an index whose vectors are in a collection already.

    An approximate one's number of cells is chosen so that it finds the `wanted` share of the exact
    top AT, and what it finds is measured, as for an approximate index of our own.
    """
    folder.mkdir(parents=True)
    kind = next(name for name, kind in KINDS.items() if kind is collection.index)
    facts: dict[str, Any] = {}
    probes = 0
    if not collection.index.exact:
        index = collection.index(products.ids, method.dim)
        index.address, index.collection = collection.where, collection.name
        drawn = draw_queries(len(products.ids))
        asked = {"pictures": exact(index, rows([products.ids[i] for i in drawn]), drawn, step)}
        if len(texts):
            asked["words"] = exact(index, texts, np.full(len(texts), -1), step)
        halves = [queries.half(0) for queries in asked.values()]
        index.probes = probes = least(index, halves, collection.cells, wanted)
        recall = {
            name: queries.half(1).recall(found(index, queries.half(1)))
            for name, queries in asked.items()
        }
        facts = {
            "wanted": wanted,
            "recall": {name: asdict(each) for name, each in recall.items()},
        }
    facts["precision"] = precision
    facts["milvus"] = collection.written(products, probes)
    write_manifest(folder, method, kind, products.ids, pairs, facts)


def exact(index: MilvusIndex, rows: Rows, own: Positions, step: Step) -> Queries:
    """The exact answers to queries, as Milvus gives them when it looks into all cells."""
    answers = []
    for start in range(0, len(rows), ASKED):
        some = slice(start, start + ASKED)
        limit = min(TIES + 1, index.count)
        found = index.ask(rows[some], limit, ALL, PATIENT)
        answers += [
            answers_of(scores[near >= 0], near[near >= 0], itself)
            for (near, scores), itself in zip(found, own[some], strict=True)
        ]
        step("Measuring recall", len(answers), len(rows))
    return Queries(rows, own, answers)


def least(index: MilvusIndex, asked: Sequence[Queries], cells: int, wanted: float) -> int:
    """The fewest cells, of 1, 2, 4 and so on, that find the wanted share for all kinds of queries:
    see `similarity.indexes.approximate.build.least`."""
    probes = 1
    while probes < cells:
        lower = min(each.lower_limit(_lists(index, each, probes)) for each in asked)
        if lower >= wanted:
            break
        probes *= 2
    return min(probes, cells)


def found(index: MilvusIndex, queries: Queries) -> Positions:
    """What searches find, many at a time: positions (n, AT)."""
    nearest = np.empty((len(queries.rows), AT), np.int64)
    lists = _lists(index, queries, index.probes)
    for number, (near, own) in enumerate(zip(lists, queries.own, strict=True)):
        others = near[(near >= 0) & (near != own)][:AT]
        if len(others) < AT:  # a search goes on then
            others, _ = index.search(queries.rows[number], AT, leave_out=int(own))
        nearest[number] = others
    return nearest


def _lists(index: MilvusIndex, queries: Queries, probes: int) -> Positions:
    """What a search finds that looks into so many cells: (n, TIES + 1), -1 beyond the last."""
    found = np.full((len(queries.rows), TIES + 1), -1)
    for start in range(0, len(queries.rows), ASKED):
        answers = index.ask(queries.rows[start : start + ASKED], TIES + 1, probes, PATIENT)
        for number, (positions, _) in enumerate(answers, start):
            found[number, : len(positions)] = positions
    return found
