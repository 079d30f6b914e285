"""Measure searches within filters among a million products: this project, Flat and hnswlib.

    python -m benchmarks.filters                          # 25 minutes, 8 GB of disk and memory
    python -m benchmarks.filters --catalogues demo photographs --count 100000

The products are those of benchmarks.million, and each way searches with one thread in its own
process. Filters leave 50, 10, 1 or 0.1 % of the products: random ones, or a cluster, the products
nearest to a random one. Half of a filter's queries are products that it leaves, the others are
vectors of the same kind as the products. hnswlib is measured if it is installed, with a filter
function in Python, at the least effort of three that finds 0.99, or the largest.
"""

import argparse
import importlib.metadata
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from threadpoolctl import threadpool_limits

from benchmarks.million import COUNT
from benchmarks.million_products import build, load_queries, make, open_built_index, open_rows
from benchmarks.peers import BUILDING, LINKS, PEERS
from benchmarks.scale import DIM
from benchmarks.timing import Point, make_point, run_in_process
from precompute.progress import run_command
from similarity.errors import SimilarityError
from similarity.filters import Selection
from similarity.indexes import TOP_K, Positions, Rows
from similarity.indexes.approximate.filtered import SHARES
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.effort import FilterKind
from similarity.measures.metrics.costs import describe_machine

KINDS: tuple[FilterKind, ...] = ("random", "cluster")
FILTERS, QUERIES = 10, 20  # filters of each share and kind, and queries of each
PEER_FILTERS = 2  # of hnswlib, which calls Python for every product that it meets
EFFORTS = (24, 96, 384)  # candidates of hnswlib
TARGET = 0.99
Search = Callable[[Rows, Selection], Any]


def draw_filters(folder: Path, count: int) -> list[tuple[FilterKind, float, Positions, Rows]]:
    """Return filters with their kind, share, positions and queries (n, DIM)."""
    rng = np.random.default_rng(3)
    vectors = np.concatenate([rows.copy() for _, rows in open_rows(folder, count).iterate_blocks()])
    others = load_queries(folder)[0]
    filters: list[tuple[FilterKind, float, Positions, Rows]] = []
    for share in SHARES:
        for kind in KINDS:
            for _ in range(FILTERS):
                size = round(share * count)
                positions = rng.permutation(count)[:size]
                if kind == "cluster":
                    cosines = vectors @ vectors[rng.integers(count)]
                    positions = np.argpartition(-cosines, size - 1)[:size]
                inside = vectors[rng.choice(positions, QUERIES // 2)]
                queries = np.concatenate([inside, others[rng.choice(len(others), QUERIES // 2)]])
                filters.append((kind, share, np.sort(positions), queries))
    return filters


def make_filters(folder: Path, count: int) -> None:
    """Write filters, their queries and exact results to the folder."""
    filters = draw_filters(folder, count)
    vectors = np.concatenate([rows.copy() for _, rows in open_rows(folder, count).iterate_blocks()])
    for number, (_, _, positions, queries) in enumerate(filters):
        scores = queries @ vectors[positions].T
        order = np.argsort(-scores, axis=1, kind="stable")[:, :TOP_K]
        np.savez(
            folder / f"filter-{number}.npz",
            positions=positions,
            queries=queries,
            true=positions[order],
        )
    facts = [(kind, share) for kind, share, *_ in filters]
    (folder / "filters.json").write_text(json.dumps(facts), encoding="utf-8")


def measure(
    folder: Path, count: int, way: str, search: Search, filters: int = FILTERS
) -> list[Point]:
    """Return recall and time for each share and kind, by the first `filters` of each."""
    facts = json.loads((folder / "filters.json").read_text(encoding="utf-8"))
    answers: dict[tuple[str, float], list[Any]] = {}
    times: dict[tuple[str, float], list[float]] = {}
    true: dict[tuple[str, float], list[Any]] = {}
    first_times = []
    for number, (kind, share) in enumerate(facts):
        if number % FILTERS >= filters:
            continue
        stored = np.load(folder / f"filter-{number}.npz")
        mask = np.zeros(count, bool)
        mask[stored["positions"]] = True
        among = Selection((), stored["positions"], mask)
        started = time.perf_counter()
        search(stored["queries"][0], among)
        first_times.append((time.perf_counter() - started) * 1000)
        for query in stored["queries"]:
            started = time.perf_counter()
            answers.setdefault((kind, share), []).append(search(query, among))
            times.setdefault((kind, share), []).append((time.perf_counter() - started) * 1000)
        true.setdefault((kind, share), []).extend(stored["true"])
    first = round(float(np.median(first_times)), 1)
    return [
        {"kind": kind, "share": share, "first_ms": first}
        | make_point(way, "", answers[kind, share], times[kind, share], true[kind, share])
        for kind, share in answers
    ]


def measure_index(folder: Path, count: int, kind: str) -> list[Point]:
    """Measure one of this project's indexes."""
    index, _ = open_built_index(folder, kind)
    with threadpool_limits(1):
        points = measure(
            folder, count, kind, lambda query, among: index.search(query, TOP_K, -1, among)[0]
        )
    if isinstance(index, ApproximateIndex):
        for point in points:
            point["efforts"] = {name: vars(each) for name, each in index.filtered_efforts.items()}
    return points


def measure_hnswlib(folder: Path, count: int) -> list[Point]:
    """Measure hnswlib with its filter function, at the least effort that finds TARGET."""
    import hnswlib

    index = hnswlib.Index("ip", DIM)
    index.init_index(count, M=LINKS, ef_construction=BUILDING["hnswlib"])
    for start, rows in open_rows(folder, count).iterate_blocks():
        index.add_items(rows, np.arange(start, start + len(rows)))
    index.set_num_threads(1)

    def search(query: Rows, among: Selection) -> Any:
        mask = among.mask
        try:
            return index.knn_query(query, TOP_K, filter=lambda label: bool(mask[label]))[0][0]
        except RuntimeError:  # it met fewer than TOP_K products that the filter leaves
            return []

    best: dict[tuple[str, float], Point] = {}
    with threadpool_limits(1):
        for effort in EFFORTS:
            index.set_ef(effort)
            for point in measure(folder, count, "hnswlib", search, PEER_FILTERS):
                key = point["kind"], point["share"]
                if key not in best or best[key]["recall"] < TARGET:
                    best[key] = point | {"effort": effort}
    return list(best.values())


def describe_point(point: Point) -> str:
    """Return a measurement as a line of text."""
    low, high = point["interval"]
    return (
        f"{point['way']:12} {point['kind']:8} {point['share']:6.1%}  found {point['recall']:.3f} "
        f"[{low:.3f}, {high:.3f}]  median {point['median_ms']:8.2f} ms, "
        f"p95 {point['p95_ms']:8.2f} ms  {point['effort']}"
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Measure and print the results. Raises SimilarityError."""
    if not options.count >= 10_000:
        raise SimilarityError("--count is at least 10000: fewer are never approximated.")
    console.print(f"{describe_machine()}, {options.count:,} x {DIM}")
    with tempfile.TemporaryDirectory(dir=options.disk) as name:
        folder = Path(name)
        run_in_process(make, options.catalogues, folder, options.count)
        run_in_process(make_filters, folder, options.count)
        for kind in ("approximate", "flat"):
            built = run_in_process(build, folder, options.count, kind)
            console.print(f"{kind}: built in {built['build_s']} s, {built['steps_s']}")
            points = run_in_process(measure_index, folder, options.count, kind)
            for point in points:
                console.print(describe_point(point), highlight=False)
            console.print(f"first search with a filter, median {points[0]['first_ms']} ms")
            if efforts := points[0].get("efforts"):
                console.print(f"efforts: {efforts}")
        try:
            importlib.metadata.version("hnswlib")
        except importlib.metadata.PackageNotFoundError:
            console.print(f"hnswlib is left out: pip install hnswlib=={PEERS['hnswlib']}")
            return 0
        for point in run_in_process(measure_hnswlib, folder, options.count):
            console.print(describe_point(point), highlight=False)
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--catalogues", nargs="+", default=["demo"], help="names of built ones")
    parser.add_argument("--count", type=int, default=COUNT, help="number of products")
    parser.add_argument("--disk", type=Path, metavar="FOLDER", help="with room for the indexes")
    options = parser.parse_args(arguments)
    console = Console(width=140)
    return run_command(console, lambda: run(options, console))


if __name__ == "__main__":
    raise SystemExit(main())
