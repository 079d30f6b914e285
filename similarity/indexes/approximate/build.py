"""Build an approximate index: choose the least effort that reaches the target, measure recall."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

import faiss
import numpy as np

from similarity.indexes import (
    TOP_K,
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
from similarity.indexes.approximate.filtered import (
    choose_filtered_effort,
    draw_filtered,
    measure_filtered,
)
from similarity.indexes.approximate.index import (
    CELLS,
    MIN_RATIO,
    VECTORS,
    ApproximateIndex,
    read_cells,
)
from similarity.indexes.effort import FilterKind
from similarity.indexes.recall import (
    ACTIVITY,
    TIES,
    Queries,
    draw_queries,
    select_exact_top,
)
from similarity.indexes.stored_rows import StoredRows
from similarity.methods import Method
from similarity.store.progress import Step

RECALL = 0.99  # default target
# Cells are trained again when more than this share of products has changed since.
RETRAIN_ABOVE = 0.2
SHORTLIST_SIZES = (20, 40, 80, 160, 320, 640, 1280)


def write_approximate(
    folder: Path,
    method: Method,
    ids: Sequence[str],
    blocks: Any,
    pairs: Mapping[Kind, RandomPairs],
    texts: Rows,
    target_recall: float,
    previous: tuple[Any, Trained] | None,
    step: Step,
    precision: str = "fp32",
) -> None:
    """Write an index folder from blocks of rows in the order of `ids`.

    The effort is chosen to reach `target_recall` of the exact top AT, see `choose_effort`. The
    recall is measured with other queries than those that chose it. `previous` is what `reuse_cells`
    returns for the index that this one replaces.
    """

    def report(activity: str, done: int, total: int) -> None:
        step(f"{activity}, {method.title}", done, total)

    folder.mkdir(parents=True)
    ApproximateIndex.write(
        folder, method.dim, len(ids), blocks, previous[0] if previous else None, report
    )
    with (folder / VECTORS).open("rb") as file:
        stored = StoredRows(file, VECTORS, len(ids), method.dim, np.float32)
    index = ApproximateIndex(
        read_cells((folder / CELLS).read_bytes(), method.dim, len(ids)), stored
    )
    positions = draw_queries(len(ids))
    queries_by_kind: dict[Kind, Queries] = {
        "pictures": find_exact(stored, stored.read(positions), positions, report)
    }
    if len(texts):
        queries_by_kind["words"] = find_exact(stored, texts, np.full(len(texts), -1), report)
    index.effort = choose_effort(
        index, [queries.take_half(0) for queries in queries_by_kind.values()], target_recall
    )
    recall = {
        kind: measure_recall(index, queries.take_half(1))
        for kind, queries in queries_by_kind.items()
    }
    filtered_queries = draw_filtered(index, stored, report)
    efforts, filter_recalls = {}, []
    for filter_kind in get_args(FilterKind):
        sets = [each for each in filtered_queries if each.kind == filter_kind]
        halves = [[each.take_half(start) for each in sets] for start in (0, 1)]
        effort = choose_filtered_effort(index, halves[0], target_recall)
        efforts[filter_kind] = asdict(effort)
        filter_recalls += measure_filtered(index, halves[1], effort)
    facts = {
        "wanted": target_recall,
        "effort": asdict(index.effort),
        "filtered": {
            "efforts": efforts,
            "recall": [asdict(each) for each in filter_recalls],
        },
        "recall": {kind: asdict(value) for kind, value in recall.items()},
        "precision": precision,
        "trained": asdict(previous[1] if previous else Trained(len(ids), 0)),
    }
    write_manifest(folder, method, "approximate", ids, pairs, facts)


def reuse_cells(
    previous: VectorIndex | None, former_ids: Sequence[str], ids: Sequence[str]
) -> tuple[Any, Trained] | None:
    """Return the empty cells of a previous index of `former_ids`, or None to train new ones."""
    if not isinstance(previous, ApproximateIndex):
        return None
    changed_count = previous.trained.changed + len(set(former_ids) ^ set(ids))
    if changed_count > RETRAIN_ABOVE * previous.trained.products:
        return None
    return previous.clone_empty(), replace(previous.trained, changed=changed_count)


def find_exact(stored: StoredRows, rows: Rows, own_positions: Positions, report: Step) -> Queries:
    """Return queries with their exact results, found by comparing them with every product."""
    scores = np.empty((len(rows), 0), np.float32)
    positions = np.empty((len(rows), 0), np.int64)
    for start, block in stored.iterate_blocks():
        block_results = faiss.knn(
            rows, block, min(TIES + 1, len(block)), faiss.METRIC_INNER_PRODUCT
        )
        scores, positions = (
            np.hstack([scores, block_results[0]]),
            np.hstack([positions, block_results[1] + start]),
        )
        order = np.argsort(-scores, axis=1, kind="stable")[:, : TIES + 1]
        scores = np.take_along_axis(scores, order, 1)
        positions = np.take_along_axis(positions, order, 1)
        report(ACTIVITY, start + len(block), stored.count)
    answers = [
        select_exact_top(query_scores, query_positions, own_position)
        for query_scores, query_positions, own_position in zip(
            scores, positions, own_positions, strict=True
        )
    ]
    return Queries(rows, own_positions, answers)


def choose_effort(
    index: ApproximateIndex, query_sets: Sequence[Queries], target_recall: float
) -> Effort:
    """Return the effort that reads the fewest bytes and reaches the target recall for all queries.

    An effort reaches the target if the lower limit of the mean recall's 95 % interval does, by the
    normal approximation. If none does, returns the one with the highest recall.
    """
    bytes_per_cell = index.count / index.cell_count * index.code_size
    bytes_per_row = 4 * query_sets[0].rows.shape[1]
    sizes = [size for size in SHORTLIST_SIZES if size * MIN_RATIO <= index.count] or [
        SHORTLIST_SIZES[0]
    ]
    best: tuple[float, float, Effort] | None = None  # lower limit up to the target, negative cost
    cells = 1
    while cells <= index.cell_count:
        shortlists = [
            index.candidates(queries.rows, sizes[-1] + 1, cells) for queries in query_sets
        ]
        for size in sizes:
            lower = min(
                each.compute_lower_limit(shortlist[:, : size + 1])
                for each, shortlist in zip(query_sets, shortlists, strict=True)
            )
            cost = cells * bytes_per_cell + size * bytes_per_row
            # all that reach the target are equally good
            candidate = (min(lower, target_recall), -cost, Effort(cells, size))
            best = max(best, candidate, key=lambda each: each[:2]) if best else candidate
        if best and best[0] >= target_recall and cells * bytes_per_cell > -best[1]:
            break
        cells *= 2
    assert best is not None
    return best[2]


def measure_recall(index: VectorIndex, queries: Queries) -> Recall:
    """Return the recall of searches with the index."""
    results = [
        index.search(row, TOP_K, leave_out=int(own_position))[0]
        for row, own_position in zip(queries.rows, queries.own_positions, strict=True)
    ]
    return queries.compute_recall(np.array(results))
