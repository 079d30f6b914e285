"""The same vectors in FAISS's files, in Milvus Lite and in a server: what docs/growing.md says.

    python -m benchmarks.milvus --catalogues demo           # writes assets/milvus.json
    unshare -n python -m harness.milvus_server python -m benchmarks.milvus --catalogues demo

The second with a server of the PyPI package milvus (2.3.5), of which memory and disk are measured
too. Every way is built and searched by the code that a build and the app run, in a process of its
own, searches one at a time in one thread of the caller; the server takes what threads it likes.
Queries, vectors and exact answers are made as for benchmarks.million.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from threadpoolctl import threadpool_limits

from benchmarks.million_products import MADE, NONE, index_of, make, rows_of
from benchmarks.scale import DIM
from benchmarks.timing import apart, point, resident, timed
from harness.databases import TEST_URI
from harness.milvus_server import DATA, PID
from precompute.progress import Steps, finish, say
from similarity.indexes import AT, Rows, index_kind, place_of, write_index
from similarity.indexes.approximate.build import RECALL, write_approximate
from similarity.indexes.milvus.build import write_milvus
from similarity.indexes.milvus.collection import Collection
from similarity.indexes.milvus.database import connect, disconnect
from similarity.indexes.milvus.index import MilvusIndex
from similarity.indexes.milvus.products import Products
from similarity.measures.metrics.costs import machine
from similarity.methods import METHODS
from similarity.store.publish import Staging, locked

OUT = Path(__file__).parents[1] / "assets" / "milvus.json"
SIZES = (10_000, 100_000, 300_000)
QUERIES = 200
LITE = 100_000  # vectors: it walks over all of them in Python at every search
TITLES = {"faiss": "FAISS, files", "lite": "Milvus Lite", "server": "Milvus server"}


def main() -> int:
    """Measure, print and write; returns an exit code."""
    made = argparse.ArgumentParser("python -m benchmarks.milvus", description=__doc__)
    made.add_argument("--catalogues", nargs="+", default=["demo"])
    made.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    made.add_argument("--out", type=Path, default=OUT)
    options = made.parse_args()
    console = Console(stderr=True)
    return finish(console, lambda: run(options, console))


def run(options: argparse.Namespace, console: Console) -> int:
    ways = ["faiss", "lite", *(["server"] if os.environ.get(TEST_URI) else [])]
    rows: list[dict[str, Any]] = []
    with Steps(console) as step:
        for count in options.sizes:
            with tempfile.TemporaryDirectory() as folder:
                at = Path(folder)
                step(f"Making {count:,} vectors", 0, 0)
                spread = apart(make, options.catalogues, at, count)
                step(f"Making {count:,} vectors", 1, 1)
                for done, way in enumerate(ways):
                    if way == "lite" and count > LITE:
                        continue
                    step(f"Measuring {count:,}", done, len(ways))
                    measured = apart(build, way, at) | apart(search, way, at)
                    rows.append({"count": count, "way": way, **spread, **measured})
                    write(options.out, rows)  # what is measured stays if the rest is interrupted
                step(f"Measuring {count:,}", len(ways), len(ways))
    for row in rows:
        say(console, told(row, next(r for r in rows if r["count"] == row["count"])))
    return 0


def write(out: Path, rows: list[dict[str, Any]]) -> None:
    facts = {"machine": machine(), "date": f"{datetime.now(UTC):%Y-%m-%d}", "dim": DIM, "at": AT}
    out.write_text(json.dumps(facts | {"rows": rows}, indent=1) + "\n", encoding="utf-8")


def told(row: dict[str, Any], first: dict[str, Any]) -> str:
    return (
        f"{row['count']:>9,}  {TITLES[row['way']]:14} {row['kind']:13} "
        f"{row['vectors_per_s']:>8,} vectors/s  {row['disk_bytes']:>6,} bytes on disk, "
        f"{row['memory_bytes']:>6,} in memory a vector  {row['median_ms']:6.2f} ms, "
        f"p95 {row['p95_ms']:6.2f} ({row['median_ms'] / first['median_ms']:.1f} x), "
        f"found {row['recall']:.3f}"
    )


def place(way: str, folder: Path) -> tuple[str, Path]:
    """Its address in Milvus, none for files; and the folder with its bytes on the disk."""
    lite = folder / "lite.db"
    return {
        "faiss": ("", folder / "faiss"),
        "lite": (str(lite), lite),
        "server": (os.environ.get(TEST_URI, ""), Path(os.environ.get(DATA, "/nonexistent"))),
    }[way]


def memory(way: str) -> float:
    """Resident megabytes of the process that keeps the vectors."""
    return resident(os.environ[PID]) if way == "server" else resident()


def build(way: str, folder: Path) -> dict[str, Any]:
    """Write an index as a build does; how long the writing took, and the measuring of recall."""
    METHODS[MADE.key] = MADE
    count = len(np.load(folder / "vectors.npy", mmap_mode="r"))
    address, disk = place(way, folder)
    kind = index_kind(MADE, count, milvus=bool(address))
    ids = [hashlib.sha256(str(number).encode()).hexdigest()[:20] for number in range(count)]
    texts = np.empty((0, MADE.dim), np.float32)
    stored = rows_of(folder, count)
    positions = {product: number for number, product in enumerate(ids)}

    def rows(some: Any) -> Rows:
        return stored.read(np.array([positions[product] for product in some]))

    def quiet(doing: str, done: int, total: int) -> None: ...

    before, top = size_of(disk), folder / way / kind
    held = memory(way) if way == "server" else 0.0
    with locked(top):
        staging = Staging(top, None)
        there = staging.folder / place_of(MADE, kind)
        started = time.perf_counter()
        if address:
            products = Products(ids, ['{"category": "a kind"}'] * count)
            collection = Collection(address, top, MADE, kind, count)
            connect(address, create=True)
            collection.prepare(set())
            collection.bring(products, rows, quiet)
            written = time.perf_counter() - started
            write_milvus(there, collection, MADE, products, rows, NONE, texts, RECALL, quiet)
        elif kind == "approximate":
            blocks = (block for _, block in stored.blocks())
            write_approximate(there, MADE, ids, blocks, NONE, texts, RECALL, None, quiet)
        else:
            write_index(there, MADE, ids, (block for _, block in stored.blocks()), NONE)
        whole = time.perf_counter() - started
        staging.seal(place_of(MADE, kind))
        staging.publish(way)
    if address:
        disconnect(address)
    return {
        "kind": kind,
        "build_s": round(whole, 1),
        "vectors_per_s": round(count / (written if address else whole)),
        "disk_bytes": round((size_of(disk) - before) / count),
        "memory_before_mb": round(held),  # of a server
    }


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def search(way: str, folder: Path) -> dict[str, Any]:
    """Searches one at a time, what they find of the exact answers, and the memory that is held."""
    METHODS[MADE.key] = MADE
    top = next((folder / way).iterdir())
    queries, true = np.load(folder / "queries.npy")[:QUERIES], np.load(folder / "true.npy")
    count = len(np.load(folder / "vectors.npy", mmap_mode="r"))
    address, _ = place(way, folder)
    if address:
        connect(address)
    before = memory(way)
    started = time.perf_counter()
    index, _ = index_of(folder / way, top.name)
    opened = time.perf_counter() - started
    with threadpool_limits(1):
        found = timed(lambda query: index.search(query, AT)[0], queries)
    held = memory(way) - (0 if way == "server" else before)
    kept = point(way, "", *found, true)
    probes = index.probes if isinstance(index, MilvusIndex) else 0
    if address:
        disconnect(address)
    return {
        "opened_s": round(opened, 2),
        "memory_bytes": round(held * 1e6 / count),
        "probes": probes,
        "median_ms": kept["median_ms"],
        "p95_ms": kept["p95_ms"],
        "recall": kept["recall"],
        "recall_interval": kept["interval"],
    }


if __name__ == "__main__":
    sys.exit(main())
