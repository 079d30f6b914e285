"""Build an approximate index: choose the least effort that finds enough, measure what it finds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from similarity.indexes import (
    AT,
    Effort,
    Kind,
    Positions,
    RandomPairs,
    Recall,
    Rows,
    Trained,
    VectorIndex,
    write_manifest,
)
from similarity.indexes.approximate.index import (
    CELLS,
    SCANNED,
    VECTORS,
    ApproximateIndex,
    read_cells,
)
from similarity.indexes.recall import (
    DOING,
    TIES,
    Queries,
    answers_of,
    draw_queries,
)
from similarity.indexes.stored import StoredRows
from similarity.methods import Method
from similarity.store.progress import Step

RECALL = 0.99  # at least, unless a build is asked for another
# Cells are found anew when a greater share of products was added or removed since they were.
RETRAINED = 0.2
SHORTLISTS = (20, 40, 80, 160, 320, 640, 1280)


def write_approximate(
    folder: Path,
    method: Method,
    ids: Sequence[str],
    blocks: Any,
    pairs: Mapping[Kind, RandomPairs],
    texts: Rows,
    wanted: float,
    old: tuple[Any, Trained] | None,
    step: Step,
    precision: str = "fp32",
) -> None:
    """Write a whole index folder from stored rows that come in blocks, in the order of ids.

    Its effort is chosen so that it finds the `wanted` share of the exact top AT: see `least`. What
    it finds is measured by other queries than chose it. `old` is what `kept` gives of the index
    that it stands in for.
    """

    def tell(doing: str, done: int, total: int) -> None:
        step(f"{doing}, {method.title}", done, total)

    folder.mkdir(parents=True)
    ApproximateIndex.write(folder, method.dim, len(ids), blocks, old[0] if old else None, tell)
    with (folder / VECTORS).open("rb") as file:
        stored = StoredRows(file, VECTORS, len(ids), method.dim, np.float32)
    index = ApproximateIndex(
        read_cells((folder / CELLS).read_bytes(), method.dim, len(ids)), stored
    )
    drawn = draw_queries(len(ids))
    asked: dict[Kind, Queries] = {"pictures": exact(stored, stored.read(drawn), drawn, tell)}
    if len(texts):
        asked["words"] = exact(stored, texts, np.full(len(texts), -1), tell)
    index.effort = least(index, [queries.half(0) for queries in asked.values()], wanted)
    recall = {kind: measured(index, queries.half(1)) for kind, queries in asked.items()}
    facts = {
        "wanted": wanted,
        "effort": asdict(index.effort),
        "recall": {kind: asdict(found) for kind, found in recall.items()},
        "precision": precision,
        "trained": asdict(old[1] if old else Trained(len(ids), 0)),
    }
    write_manifest(folder, method, "approximate", ids, pairs, facts)


def kept(
    old: VectorIndex | None, former: Sequence[str], ids: Sequence[str]
) -> tuple[Any, Trained] | None:
    """The empty cells of an index of the `former` products; None if they do not do for these."""
    if not isinstance(old, ApproximateIndex):
        return None
    changed = old.trained.changed + len(set(former) ^ set(ids))
    if changed > RETRAINED * old.trained.products:
        return None
    return old.emptied(), replace(old.trained, changed=changed)


def exact(stored: StoredRows, rows: Rows, own: Positions, tell: Step) -> Queries:
    """The exact answers to queries, found by comparing them with every product, block by block."""
    scores = np.empty((len(rows), 0), np.float32)
    positions = np.empty((len(rows), 0), np.int64)
    for start, block in stored.blocks():
        some = faiss.knn(rows, block, min(TIES + 1, len(block)), faiss.METRIC_INNER_PRODUCT)
        scores, positions = np.hstack([scores, some[0]]), np.hstack([positions, some[1] + start])
        order = np.argsort(-scores, axis=1, kind="stable")[:, : TIES + 1]
        scores = np.take_along_axis(scores, order, 1)
        positions = np.take_along_axis(positions, order, 1)
        tell(DOING, start + len(block), stored.count)
    answers = [
        answers_of(theirs, near, itself)
        for theirs, near, itself in zip(scores, positions, own, strict=True)
    ]
    return Queries(rows, own, answers)


def least(index: ApproximateIndex, asked: Sequence[Queries], wanted: float) -> Effort:
    """The effort that reads the fewest bytes and finds the wanted share for all kinds of queries.

    That is: the lower limit of the mean's 95 % interval, by the normal approximation, is not below
    it. Where none does, it is the one that finds the most.
    """
    a_cell = index.count / index.cells * index.code_size
    a_row = 4 * asked[0].rows.shape[1]
    sizes = [size for size in SHORTLISTS if size * SCANNED <= index.count] or [SHORTLISTS[0]]
    best: tuple[float, float, Effort] | None = None  # whether and how well it holds, cost
    cells = 1
    while cells <= index.cells:
        lists = [index.candidates(each.rows, sizes[-1] + 1, cells) for each in asked]
        for size in sizes:
            lower = min(
                each.lower_limit(some[:, : size + 1])
                for each, some in zip(asked, lists, strict=True)
            )
            cost = cells * a_cell + size * a_row
            # all that hold are as good as each other
            found = (min(lower, wanted), -cost, Effort(cells, size))
            best = max(best, found, key=lambda each: each[:2]) if best else found
        if best and best[0] >= wanted and cells * a_cell > -best[1]:
            break
        cells *= 2
    assert best is not None
    return best[2]


def measured(index: VectorIndex, queries: Queries) -> Recall:
    """What the index finds as it searches."""
    found = [
        index.search(row, AT, leave_out=int(own))[0]
        for row, own in zip(queries.rows, queries.own, strict=True)
    ]
    return queries.recall(np.array(found))
