"""Other libraries for approximate search, on the products of benchmarks.million."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.million_products import load_queries, open_rows
from benchmarks.scale import DIM
from benchmarks.timing import Point, get_memory, make_point, time_searches
from similarity.indexes import TOP_K
from similarity.indexes.base import Rows

# Not in requirements.txt: only needed here, and hnswlib is compiled during installation.
PEERS = {"hnswlib": "0.8.0", "usearch": "2.26.6"}
LINKS = 16  # links per node, and candidates while building: the defaults of each
BUILDING = {"hnswlib": 200, "usearch": 128}
SEARCHED = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)  # candidates per search


def measure_hnswlib(folder: Path, count: int) -> Point:
    """Return the curve of hnswlib."""
    import hnswlib

    index = hnswlib.Index("ip", DIM)
    before, started = get_memory(), time.perf_counter()
    index.init_index(count, M=LINKS, ef_construction=BUILDING["hnswlib"])
    for start, rows in open_rows(folder, count).iterate_blocks():
        index.add_items(rows, np.arange(start, start + len(rows)))
    built = time.perf_counter() - started, get_memory() - before
    index.set_num_threads(1)
    return measure_curve(
        folder,
        "hnswlib",
        built,
        lambda query: index.knn_query(query, TOP_K)[0][0],
        index.set_ef,
    )


def measure_usearch(folder: Path, count: int) -> Point:
    """Return the curve of usearch."""
    from usearch.index import Index

    index = Index(
        ndim=DIM, metric="ip", dtype="f32", connectivity=LINKS, expansion_add=BUILDING["usearch"]
    )
    before, started = get_memory(), time.perf_counter()
    for start, rows in open_rows(folder, count).iterate_blocks():
        index.add(np.arange(start, start + len(rows)), rows)
    built = time.perf_counter() - started, get_memory() - before

    def set_effort(candidates: int) -> None:
        index.expansion_search = candidates

    return measure_curve(
        folder,
        "usearch",
        built,
        lambda query: index.search(query, TOP_K, threads=1).keys,
        set_effort,
    )


def measure_curve(
    folder: Path,
    name: str,
    built: tuple[float, float],
    search: Callable[[Rows], Any],
    set_effort: Callable[[int], None],
) -> Point:
    """Return the curve of an index whose effort is a number of candidates."""
    queries, true = load_queries(folder)
    curve = []
    with threadpool_limits(1):
        for candidates in SEARCHED:
            set_effort(candidates)
            answers = time_searches(search, queries)
            curve.append(make_point(name, f"{candidates} candidates", *answers, true))
    return {"build_s": round(built[0], 1), "memory_mb": round(built[1], 1), "curve": curve}
