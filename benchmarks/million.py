"""Measure a million products: this project's approximate index, Flat, hnswlib and usearch.

    python -m benchmarks.million                          # 20 minutes, 8 GB of disk and memory
    python -m benchmarks.million --catalogues demo photographs --count 100000 --out FOLDER

Builds a catalogue with the vectors of the named ones, multiplied as in benchmarks.scale, once with
each kind of index, opens it as the app does, and searches with one thread, each in its own process.
Measures recall of the exact top 10 and time, for small and large efforts. hnswlib and usearch are
measured if they are installed, with their default parameters, at the same recall.

Memory is how much more a process has resident after opening or building an index. For a cold page
cache, the file of vectors is dropped from it before every search, which is checked.
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

from benchmarks.million_products import MULTIPLIED, build, load_queries, make, open_built_index
from benchmarks.peers import PEERS, measure_hnswlib, measure_usearch
from benchmarks.scale import DIM
from benchmarks.timing import Point, get_memory, make_point, run_in_process, time_searches
from precompute.progress import run_command
from similarity import METHODS, open_catalogue
from similarity.errors import SimilarityError
from similarity.indexes import (
    TOP_K,
    Effort,
    Positions,
    Rows,
    VectorIndex,
)
from similarity.indexes.approximate.index import VECTORS, ApproximateIndex
from similarity.measures.metrics.costs import describe_machine

OUT = Path(__file__).parents[1] / "assets"
COUNT, SLOW, COLD = 1_000_000, 200, 200
EFFORTS = [Effort(c, s) for s in (20, 40, 80) for c in (2, 4, 8, 16, 32, 64)]
LEAST = 0.9  # range of recall in the chart
OURS, FLAT = "IVF, RaBitQ, exact rerank (this project)", "Flat (exact)"


def measure_flat(folder: Path) -> Point:
    """Measure exact search."""
    index, megabytes = open_built_index(folder, "flat")
    queries, true = load_queries(folder)
    with threadpool_limits(1):
        answers = time_searches(lambda query: index.search(query, TOP_K)[0], queries[:SLOW])
    return {"memory_mb": round(megabytes, 1), "curve": [make_point(FLAT, "all", *answers, true)]}


def measure_approximate(folder: Path) -> Point:
    """Measure the index as built, and with other efforts."""
    index, megabytes = open_built_index(folder, "approximate")
    assert isinstance(index, ApproximateIndex)
    queries, true = load_queries(folder)
    built_effort = index.effort
    after_opening = get_memory()

    def search(query: Rows) -> Positions:
        return index.search(query, TOP_K)[0]

    with threadpool_limits(1):
        answers = time_searches(search, queries)
        grown = get_memory() - after_opening
        built = make_point(OURS, describe_effort(built_effort), *answers, true)
        curve = []
        for effort in EFFORTS:
            index.effort = effort
            curve.append(
                make_point(OURS, describe_effort(effort), *time_searches(search, queries), true)
            )
    return {
        "memory_mb": round(megabytes + grown, 1),
        "as_built": built,
        "measured_when_built": {kind: vars(recall) for kind, recall in index.recall.items()},
        "curve": curve,
    }


def describe_effort(effort: Effort) -> str:
    """Return an effort in words."""
    return f"{effort.cells} cells, {effort.shortlist} compared"


def measure_cold(folder: Path) -> Point:
    """Measure searches without vectors in the page cache, and the share that was still cached.

    Ten vectors are checked before every search. Runs last, because it leaves the cache cold.
    """
    index, _ = open_built_index(folder, "approximate")
    queries = load_queries(folder)[0][:COLD]
    with threadpool_limits(1), next((folder / "approximate").rglob(VECTORS)).open("rb") as opened:
        times, cached = search_uncached(index, queries, opened.fileno())
    return {
        "median_ms": round(float(np.median(times)), 2),
        "p95_ms": round(float(np.quantile(times, 0.95)), 2),
        "queries": len(times),
        "cached_before": cached,
    }


def search_uncached(index: VectorIndex, queries: Rows, file: int) -> tuple[list[float], float]:
    """Return the milliseconds of searches, each after dropping a file from the page cache."""
    cached, room, rng = 0, bytearray(4), np.random.default_rng(0)
    times: list[float] = []
    for query in queries:
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        for position in rng.integers(index.count, size=10):
            try:
                cached += os.preadv(file, [room], 128 + 4 * DIM * int(position), os.RWF_NOWAIT) > 0
            except BlockingIOError:
                continue
        started = time.perf_counter()
        index.search(query, TOP_K)
        times.append((time.perf_counter() - started) * 1000)
    return times, cached / (10 * len(queries))


def measure_app(folder: Path) -> Point:
    """Measure the app's part: opening the catalogue, and what its search adds to FAISS."""
    METHODS[MULTIPLIED.key] = MULTIPLIED
    queries, _ = load_queries(folder)
    before, started = get_memory(), time.perf_counter()
    catalogue = open_catalogue(folder / "approximate")
    catalogue.find_nearest(MULTIPLIED, queries[0], TOP_K)
    opened, megabytes = time.perf_counter() - started, get_memory() - before
    index = catalogue.open_index(catalogue.resolve_method(MULTIPLIED.key))
    assert isinstance(index, ApproximateIndex)
    size, cells = index.effort.shortlist + 1, index.effort.cells
    whole = time_searches(lambda query: catalogue.find_nearest(MULTIPLIED, query, TOP_K), queries)[
        1
    ]
    with threadpool_limits(1):
        bare = time_searches(lambda query: index.candidates(query[None], size, cells), queries)[1]
    products = catalogue.products.index[: SLOW // 10]
    exact = time_searches(
        lambda one: catalogue.search(MULTIPLIED.key, product=one, exact=True), products
    )[1]
    return {
        "opened_s": round(opened, 2),
        "opened_mb": round(megabytes),
        "search_median_ms": round(float(np.median(whole)), 3),
        "search_p95_ms": round(float(np.quantile(whole, 0.95)), 3),
        "over_bare_faiss_ms": round(float(np.median(np.array(whole) - bare)), 3),
        "exactly_median_ms": round(float(np.median(exact)), 1),
    }


def draw_chart(points: list[Point]) -> alt.LayerChart:
    """Draw recall against time, one line for each index; exact search is a single point."""
    table = pd.DataFrame([point for point in points if point["recall"] >= LEAST])
    # points that are slower and worse than another of the same index say nothing
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
            title="of the exact 10 nearest, content",
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
    """Measure and write the results. Raises SimilarityError."""
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
        content: Point = {
            "command": f"python -m benchmarks.million --catalogues {' '.join(options.catalogues)}",
            "machine": describe_machine(),
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "products": options.count,
            "dim": DIM,
            "vectors": run_in_process(make, options.catalogues, folder, options.count),
            "peers": peers,
        }
        for kind, searched in (("flat", measure_flat), ("approximate", measure_approximate)):
            console.print(f"Building and searching: {kind}")
            content[kind] = run_in_process(build, folder, options.count, kind) | run_in_process(
                searched, folder
            )
        console.print("Opening the catalogue")
        content["app"] = run_in_process(measure_app, folder)
        content["cold"] = run_in_process(measure_cold, folder)
        for name in peers:
            console.print(f"Building and searching: {name}")
            work = {"hnswlib": measure_hnswlib, "usearch": measure_usearch}[name]
            content[name] = run_in_process(work, folder, options.count)
    points = [point for way in ("approximate", "flat", *peers) for point in content[way]["curve"]]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "million.json").write_text(
        json.dumps(content, indent=1) + "\n", encoding="utf-8"
    )
    draw_chart(points).save(options.out / "million.png", ppi=144)
    console.print_json(json.dumps(content))
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--catalogues", nargs="+", default=["demo"], help="names of built ones")
    parser.add_argument("--count", type=int, default=COUNT, help="number of products")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER")
    parser.add_argument("--disk", type=Path, metavar="FOLDER", help="with room for the indexes")
    options = parser.parse_args(arguments)
    console = Console()
    return run_command(console, lambda: run(options, console))


if __name__ == "__main__":
    raise SystemExit(main())
