"""Other libraries for approximate search, over the products of benchmarks.million."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.million_products import given, rows_of
from benchmarks.scale import DIM
from benchmarks.timing import Point, point, resident, timed
from similarity.indexes import AT
from similarity.indexes.base import Rows

# Not in requirements.txt: nothing but this needs them, and hnswlib is compiled when it is installed
PEERS = {"hnswlib": "0.8.0", "usearch": "2.26.6"}
LINKS = 16  # of a node, and candidates while building: the defaults of each
BUILDING = {"hnswlib": 200, "usearch": 128}
SEARCHED = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)  # candidates of a search


def hnswlib(folder: Path, count: int) -> Point:
    import hnswlib

    index = hnswlib.Index("ip", DIM)
    before, started = resident(), time.perf_counter()
    index.init_index(count, M=LINKS, ef_construction=BUILDING["hnswlib"])
    for start, rows in rows_of(folder, count).blocks():
        index.add_items(rows, np.arange(start, start + len(rows)))
    built = time.perf_counter() - started, resident() - before
    index.set_num_threads(1)
    return peer(
        folder,
        "hnswlib",
        built,
        lambda query: index.knn_query(query, AT)[0][0],
        index.set_ef,
    )


def usearch(folder: Path, count: int) -> Point:
    from usearch.index import Index

    index = Index(
        ndim=DIM, metric="ip", dtype="f32", connectivity=LINKS, expansion_add=BUILDING["usearch"]
    )
    before, started = resident(), time.perf_counter()
    for start, rows in rows_of(folder, count).blocks():
        index.add(np.arange(start, start + len(rows)), rows)
    built = time.perf_counter() - started, resident() - before

    def effort(candidates: int) -> None:
        index.expansion_search = candidates

    return peer(
        folder, "usearch", built, lambda query: index.search(query, AT, threads=1).keys, effort
    )


def peer(
    folder: Path,
    name: str,
    built: tuple[float, float],
    search: Callable[[Rows], Any],
    effort: Callable[[int], None],
) -> Point:
    """The curve of an index whose effort is a number of candidates."""
    queries, true = given(folder)
    curve = []
    with threadpool_limits(1):
        for candidates in SEARCHED:
            effort(candidates)
            found = timed(search, queries)
            curve.append(point(name, f"{candidates} candidates", *found, true))
    return {"build_s": round(built[0], 1), "memory_mb": round(built[1], 1), "curve": curve}
