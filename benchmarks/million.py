"""A million products: this project's approximate index beside Flat, hnswlib and usearch.

    python -m benchmarks.million                          # some 20 minutes, 8 GB of disk and memory
    python -m benchmarks.million --catalogues demo photographs --count 100000 --out FOLDER

Builds a catalogue with the vectors of the named ones, multiplied as in benchmarks.scale, once with
each kind of index, opens it as the app does, and searches with one thread, each way in a process of
its own: recall of the exact top 10 and time, for little effort and for much. hnswlib and usearch
are measured if they are installed, with the parameters that they come with, at the same recall.

Memory is what a process has resident more when it has opened, or built, an index than before. With
a cold page cache the vectors' file is dropped from it before every search, which is checked.
"""

import argparse
import importlib.metadata
import json
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
from rich.console import Console
from threadpoolctl import threadpool_limits

from benchmarks.million_products import MADE, build, given, index_of, make
from benchmarks.peers import PEERS, hnswlib, usearch
from benchmarks.scale import DIM
from benchmarks.timing import Point, apart, point, resident, timed
from precompute.progress import finish
from similarity import METHODS, open_catalogue
from similarity.errors import SimilarityError
from similarity.indexes import (
    AT,
    Effort,
    Positions,
    Rows,
    VectorIndex,
)
from similarity.indexes.approximate.index import VECTORS, ApproximateIndex
from similarity.measures.metrics.costs import machine

OUT = Path(__file__).parents[1] / "assets"
COUNT, SLOW, COLD = 1_000_000, 200, 200
EFFORTS = [Effort(c, s) for s in (20, 40, 80) for c in (2, 4, 8, 16, 32, 64)]
LEAST = 0.9  # recall in the picture
OURS, FLAT = "IVF, RaBitQ, exact rerank (this project)", "Flat (exact)"


def flat(folder: Path) -> Point:
    index, megabytes = index_of(folder, "flat")
    queries, true = given(folder)
    with threadpool_limits(1):
        found = timed(lambda query: index.search(query, AT)[0], queries[:SLOW])
    return {"memory_mb": round(megabytes, 1), "curve": [point(FLAT, "all", *found, true)]}


def ours(folder: Path) -> Point:
    """The index as it was built, and with other efforts."""
    index, megabytes = index_of(folder, "approximate")
    assert isinstance(index, ApproximateIndex)
    queries, true = given(folder)
    chosen = index.effort
    after_opening = resident()

    def search(query: Rows) -> Positions:
        return index.search(query, AT)[0]

    with threadpool_limits(1):
        found = timed(search, queries)
        grown = resident() - after_opening
        built = point(OURS, said(chosen), *found, true)
        curve = []
        for effort in EFFORTS:
            index.effort = effort
            curve.append(point(OURS, said(effort), *timed(search, queries), true))
    return {
        "memory_mb": round(megabytes + grown, 1),
        "as_built": built,
        "measured_when_built": {kind: vars(found) for kind, found in index.recall.items()},
        "curve": curve,
    }


def said(effort: Effort) -> str:
    return f"{effort.cells} cells, {effort.shortlist} compared"


def cold(folder: Path) -> Point:
    """Searches when no vector is in the page cache, and the share that still was.

    Whether they are is asked for ten vectors before every search. It comes last: what is read
    after it is cold too.
    """
    index, _ = index_of(folder, "approximate")
    queries = given(folder)[0][:COLD]
    with threadpool_limits(1), next((folder / "approximate").rglob(VECTORS)).open("rb") as opened:
        times, there = dropped(index, queries, opened.fileno())
    return {
        "median_ms": round(float(np.median(times)), 2),
        "p95_ms": round(float(np.quantile(times, 0.95)), 2),
        "queries": len(times),
        "cached_before": there,
    }


def dropped(index: VectorIndex, queries: Rows, file: int) -> tuple[list[float], float]:
    """Milliseconds of searches before each of which a file was dropped from the page cache."""
    there, room, rng = 0, bytearray(4), np.random.default_rng(0)
    times: list[float] = []
    for query in queries:
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        for position in rng.integers(index.count, size=10):
            try:
                there += os.preadv(file, [room], 128 + 4 * DIM * int(position), os.RWF_NOWAIT) > 0
            except BlockingIOError:
                continue
        started = time.perf_counter()
        index.search(query, AT)
        times.append((time.perf_counter() - started) * 1000)
    return times, there / (10 * len(queries))


def app(folder: Path) -> Point:
    """What the app does with it: to open the catalogue, and what its search adds to FAISS's."""
    METHODS[MADE.key] = MADE
    queries, _ = given(folder)
    before, started = resident(), time.perf_counter()
    catalogue = open_catalogue(folder / "approximate")
    catalogue.nearest(MADE, queries[0], AT)
    opened, megabytes = time.perf_counter() - started, resident() - before
    index = catalogue.index(catalogue.method(MADE.key))
    assert isinstance(index, ApproximateIndex)
    size, cells = index.effort.shortlist + 1, index.effort.cells
    whole = timed(lambda query: catalogue.nearest(MADE, query, AT), queries)[1]
    with threadpool_limits(1):
        bare = timed(lambda query: index.candidates(query[None], size, cells), queries)[1]
    products = catalogue.products.index[: SLOW // 10]
    exact = timed(lambda one: catalogue.search(MADE.key, product=one, exact=True), products)[1]
    return {
        "opened_s": round(opened, 2),
        "opened_mb": round(megabytes),
        "search_median_ms": round(float(np.median(whole)), 3),
        "search_p95_ms": round(float(np.quantile(whole, 0.95)), 3),
        "over_bare_faiss_ms": round(float(np.median(np.array(whole) - bare)), 3),
        "exactly_median_ms": round(float(np.median(exact)), 1),
    }


def chart(points: list[Point]) -> alt.LayerChart:
    """Recall against time, a line a way; exact search has one point."""
    table = pd.DataFrame([point for point in points if point["recall"] >= LEAST])
    # of points that are both slower and worse than another of the same way, nothing is learnt
    best = [
        not ((same["recall"] >= row["recall"]) & (same["median_ms"] < row["median_ms"])).any()
        for _, row in table.iterrows()
        for same in [table[table["way"] == row["way"]]]
    ]
    base = alt.Chart(table[best]).encode(
        alt.X(
            "recall:Q",
            scale=alt.Scale(domain=[LEAST, 1]),
            axis=alt.Axis(format=".0%"),
            title="of the exact 10 nearest, found",
        ),
        alt.Y(
            "median_ms:Q",
            scale=alt.Scale(type="log", domain=[0.05, 100]),
            axis=alt.Axis(values=[0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]),
            title="a search on one core, median ms",
        ),
        alt.Color("way:N", title=None, legend=alt.Legend(orient="top", labelLimit=400, columns=2)),
    )
    lines = base.mark_line().encode(order="recall:Q") + base.mark_point(
        filled=True, size=50, opacity=1
    )
    return lines.properties(width=560, height=320)


def run(options: argparse.Namespace, console: Console) -> int:
    """Measure and write. Raises SimilarityError."""
    peers = {}
    for name, version in PEERS.items():
        try:
            peers[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            console.print(f"{name} is left out: pip install {name}=={version}")
    if not options.count >= 10_000:
        raise SimilarityError("--count is at least 10000: fewer are never approximated.")
    with tempfile.TemporaryDirectory(dir=options.disk) as name:
        folder = Path(name)
        console.print("Making vectors")
        found: Point = {
            "command": f"python -m benchmarks.million --catalogues {' '.join(options.catalogues)}",
            "machine": machine(),
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "products": options.count,
            "dim": DIM,
            "vectors": apart(make, options.catalogues, folder, options.count),
            "peers": peers,
        }
        for kind, searched in (("flat", flat), ("approximate", ours)):
            console.print(f"Building and searching: {kind}")
            found[kind] = apart(build, folder, options.count, kind) | apart(searched, folder)
        console.print("Opening the catalogue")
        found["app"] = apart(app, folder)
        found["cold"] = apart(cold, folder)
        for name in peers:
            console.print(f"Building and searching: {name}")
            work = {"hnswlib": hnswlib, "usearch": usearch}[name]
            found[name] = apart(work, folder, options.count)
    points = [point for way in ("approximate", "flat", *peers) for point in found[way]["curve"]]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "million.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    chart(points).save(options.out / "million.png", ppi=144)
    console.print_json(json.dumps(found))
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--catalogues", nargs="+", default=["demo"], help="names of built ones")
    made.add_argument("--count", type=int, default=COUNT, help="number of products")
    made.add_argument("--out", type=Path, default=OUT, metavar="FOLDER")
    made.add_argument("--disk", type=Path, metavar="FOLDER", help="with room for the indexes")
    options = made.parse_args(arguments)
    console = Console()
    return finish(console, lambda: run(options, console))


if __name__ == "__main__":
    raise SystemExit(main())
