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
import hashlib
import importlib.metadata
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import altair as alt
import faiss
import numpy as np
import pandas as pd
from rich.console import Console
from threadpoolctl import threadpool_limits

from benchmarks.scale import DIM, METHOD, multiplied, structure
from precompute.progress import finish
from similarity import METHODS, open_catalogue
from similarity.errors import SimilarityError
from similarity.indexes import (
    AT,
    IDS,
    Effort,
    Kind,
    Positions,
    RandomPairs,
    Rows,
    VectorIndex,
    fingerprint,
    index_place,
    open_index,
    place_of,
    write_index,
)
from similarity.indexes.approximate.build import RECALL, write_approximate
from similarity.indexes.approximate.index import VECTORS, ApproximateIndex
from similarity.indexes.stored import StoredRows, written
from similarity.measures.metrics.costs import machine
from similarity.statistics.intervals import limits
from similarity.store.generations import Generation
from similarity.store.paths import thumbnail_path
from similarity.store.publish import Staging, locked
from similarity.store.table import Facts, stored

OUT = Path(__file__).parents[1] / "assets"
COUNT, QUERIES, SLOW, COLD = 1_000_000, 1000, 200, 200
# Not in requirements.txt: nothing but this needs them, and hnswlib is compiled when it is installed
PEERS = {"hnswlib": "0.8.0", "usearch": "2.26.6"}
LINKS = 16  # of a node, and candidates while building: the defaults of each
BUILDING = {"hnswlib": 200, "usearch": 128}
SEARCHED = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)  # candidates of a search
EFFORTS = [Effort(c, s) for s in (20, 40, 80) for c in (2, 4, 8, 16, 32, 64)]
LEAST = 0.9  # recall in the picture
OURS, FLAT = "IVF, RaBitQ, exact rerank (this project)", "Flat (exact)"
MADE = replace(METHODS["efficientnet"], key="made", dim=DIM, backbone=None)
NO: RandomPairs = RandomPairs(np.empty(0, np.float32), "")
NONE: dict[Kind, RandomPairs] = {"pictures": NO, "words": NO}


Point = dict[str, Any]  # of a curve


def resident(process: str = "self") -> float:
    """Megabytes of this process, or of another by its number."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def highest() -> float:
    """Megabytes of this process when it had the most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def apart(work: Callable[..., Any], *given: Any) -> Any:
    """What a function returns in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def point(way: str, effort: str, answers: list[Any], times: list[float], true: Any) -> Point:
    """A row of the results, from positions and milliseconds of as many of the queries."""
    both = zip(answers, true, strict=False)
    found = np.array([len(set(map(int, answer)) & set(exact)) / AT for answer, exact in both])
    return {
        "way": way,
        "effort": effort,
        "recall": round(float(found.mean()), 4),
        "interval": [round(limit, 4) for limit in limits(found)],
        "median_ms": round(float(np.median(times)), 3),
        "p95_ms": round(float(np.quantile(times, 0.95)), 3),
        "queries": len(times),
    }


def timed(search: Callable[[Any], Any], queries: Any) -> tuple[list[Any], list[float]]:
    """Answers, and the milliseconds that each took, after two that are not counted."""
    answers, times = [], []
    for query in (*queries[:2], *queries):
        started = time.perf_counter()
        answers.append(search(query))
        times.append((time.perf_counter() - started) * 1000)
    return answers[2:], times[2:]


def rows_of(folder: Path, count: int) -> StoredRows:
    with (folder / VECTORS).open("rb") as file:
        return StoredRows(file, VECTORS, count, DIM, np.float32)


def make(names: list[str], folder: Path, count: int) -> Point:
    """Vectors and queries in the folder; says how they are spread."""
    indexes = [open_catalogue(name).index(METHODS[METHOD]) for name in names]
    real = np.concatenate(
        [np.stack([index.row(i) for i in range(index.count)]) for index in indexes]
    )
    made = multiplied(real, count + QUERIES, np.random.default_rng(0))
    np.save(folder / "queries.npy", made[:QUERIES])
    vectors = made[QUERIES:]
    for _ in written(folder / VECTORS, count, DIM, np.float32, [vectors]):
        pass
    flat = faiss.IndexFlatIP(DIM)
    flat.add(vectors)
    np.save(folder / "true.npy", flat.search(made[:QUERIES], AT)[1])
    return {"real": len(real), **structure(vectors, made[:QUERIES])}


def build(folder: Path, count: int, kind: str) -> Point:
    """A published catalogue with an index of that kind; seconds and megabytes that it took.

    Its thumbnails are in the generation's list, but not there: to open a catalogue reads none.
    """
    METHODS[MADE.key] = MADE
    ids = [hashlib.sha256(str(number).encode()).hexdigest()[:20] for number in range(count)]
    products = pd.DataFrame(
        {
            "path": [f"{product}.jpg" for product in ids],
            "category": [f"kind {number % 50}" for number in range(count)],
            "picture_width": 224,
            "picture_height": 224,
            "copies": 1,
        },
        index=pd.Index(ids, name="id"),
    )
    took: dict[str, list[float]] = {}

    def tell(doing: str, done: int, total: int) -> None:
        took.setdefault(doing.partition(",")[0], []).append(time.perf_counter())

    def blocks() -> Iterator[Rows]:
        for _, rows in rows_of(folder, count).blocks():
            yield rows

    top = folder / kind
    with locked(top):
        staging = Staging(top, None)
        place = place_of(MADE, kind)
        before, started = resident(), time.perf_counter()
        if kind == "approximate":
            write_approximate(
                staging.folder / place,
                MADE,
                ids,
                blocks(),
                NONE,
                np.empty((0, MADE.dim), np.float32),
                RECALL,
                None,
                tell,
            )
        else:
            write_index(staging.folder / place, MADE, ids, blocks(), NONE)
        seconds, peak = time.perf_counter() - started, highest() - before
        staging.seal(place)
        for path, content in stored(products, Facts(kind, "pictures", 0, 0)).items():
            staging.add(path, content)
        for product in ids:
            staging._sums[thumbnail_path(product)] = hashlib.sha256(product.encode()).hexdigest()
        published = staging.publish(kind)
    steps = {doing: round(times[-1] - times[0], 1) for doing, times in took.items()}
    size = sum(file.stat().st_size for file in (published / place).iterdir())
    return {
        "build_s": round(seconds, 1),
        "build_peak_mb": round(peak),
        "steps_s": steps,
        "disk_mb": round(size / 1e6),
    }


def index_of(folder: Path, kind: str) -> tuple[VectorIndex, float]:
    """The index alone, and the megabytes that it keeps resident."""
    METHODS[MADE.key] = MADE
    with closing(Generation(folder / kind)) as generation:
        part = generation.part(index_place(MADE, generation.sums))
        products = fingerprint(part.read(IDS).decode().split())
        before = resident()
        index = open_index(part, MADE, products)
        return index, resident() - before


def given(folder: Path) -> tuple[Rows, Positions]:
    """Queries, and their exact answers."""
    return np.load(folder / "queries.npy"), np.load(folder / "true.npy")


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
