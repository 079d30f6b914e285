"""Compare the same vectors in FAISS files, Milvus Lite and a server, for docs/growing.md.

    python -m benchmarks.milvus --catalogues demo           # writes assets/milvus.json
    unshare -n python -m harness.milvus_server python -m benchmarks.milvus --catalogues demo

The second command includes a server of the PyPI package milvus (2.3.5), whose memory and disk are
measured too. Each is built and searched by the code of a build and the app, in its own process, one
search at a time in one thread of the caller; the server uses as many threads as it likes. Queries,
vectors and exact results are made as for benchmarks.million.
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

from benchmarks.million_products import MULTIPLIED, NO_PAIRS, make, open_built_index, open_rows
from benchmarks.scale import DIM
from benchmarks.timing import get_memory, make_point, run_in_process, time_searches
from harness.databases import TEST_URI
from harness.milvus_server import DATA, PID
from precompute.progress import Steps, print_line, run_command
from similarity.indexes import TOP_K, Rows, choose_kind, get_kind_folder, write_index
from similarity.indexes.approximate.build import RECALL, write_approximate
from similarity.indexes.milvus.build import write_milvus
from similarity.indexes.milvus.collection import Collection
from similarity.indexes.milvus.database import connect, disconnect
from similarity.indexes.milvus.index import MilvusIndex
from similarity.indexes.milvus.products import Products
from similarity.measures.metrics.costs import describe_machine
from similarity.methods import METHODS
from similarity.store.publish import Staging, lock_catalogue

OUT = Path(__file__).parents[1] / "assets" / "milvus.json"
SIZES = (10_000, 100_000, 300_000)
QUERIES = 200
LITE = 100_000  # vectors: it reads all of them in Python at every search
TITLES = {"faiss": "FAISS, files", "lite": "Milvus Lite", "server": "Milvus server"}


def main() -> int:
    """Measure, print and write; returns an exit code."""
    parser = argparse.ArgumentParser("python -m benchmarks.milvus", description=__doc__)
    parser.add_argument("--catalogues", nargs="+", default=["demo"])
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    console = Console(stderr=True)
    return run_command(console, lambda: run(options, console))


def run(options: argparse.Namespace, console: Console) -> int:
    """Measure every way at every size, and write the results. Raises SimilarityError."""
    ways = ["faiss", "lite", *(["server"] if os.environ.get(TEST_URI) else [])]
    rows: list[dict[str, Any]] = []
    with Steps(console) as step:
        for count in options.sizes:
            with tempfile.TemporaryDirectory() as folder:
                at = Path(folder)
                step(f"Making {count:,} vectors", 0, 0)
                spread = run_in_process(make, options.catalogues, at, count)
                step(f"Making {count:,} vectors", 1, 1)
                for done, way in enumerate(ways):
                    if way == "lite" and count > LITE:
                        continue
                    step(f"Measuring {count:,}", done, len(ways))
                    measured = run_in_process(build, way, at) | run_in_process(search, way, at)
                    rows.append({"count": count, "way": way, **spread, **measured})
                    write(options.out, rows)  # keeps the results if the rest is interrupted
                step(f"Measuring {count:,}", len(ways), len(ways))
    for row in rows:
        print_line(console, describe_row(row, next(r for r in rows if r["count"] == row["count"])))
    return 0


def write(out: Path, rows: list[dict[str, Any]]) -> None:
    """Write the results so far."""
    facts = {
        "machine": describe_machine(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "dim": DIM,
        "at": TOP_K,
    }
    out.write_text(json.dumps(facts | {"rows": rows}, indent=1) + "\n", encoding="utf-8")


def describe_row(row: dict[str, Any], first: dict[str, Any]) -> str:
    """Return a row of the results as a line of text."""
    return (
        f"{row['count']:>9,}  {TITLES[row['way']]:14} {row['kind']:13} "
        f"{row['vectors_per_s']:>8,} vectors/s  {row['disk_bytes']:>6,} bytes on disk, "
        f"{row['memory_bytes']:>6,} in memory a vector  {row['median_ms']:6.2f} ms, "
        f"p95 {row['p95_ms']:6.2f} ({row['median_ms'] / first['median_ms']:.1f} x), "
        f"found {row['recall']:.3f}"
    )


def locate(way: str, folder: Path) -> tuple[str, Path]:
    """Return the Milvus address, empty for files, and the folder that holds the bytes on disk."""
    lite = folder / "lite.db"
    return {
        "faiss": ("", folder / "faiss"),
        "lite": (str(lite), lite),
        "server": (os.environ.get(TEST_URI, ""), Path(os.environ.get(DATA, "/nonexistent"))),
    }[way]


def measure_memory(way: str) -> float:
    """Return the resident megabytes of the process that holds the vectors."""
    return get_memory(os.environ[PID]) if way == "server" else get_memory()


def build(way: str, folder: Path) -> dict[str, Any]:
    """Write an index as a build does; return the time of writing and of measuring recall."""
    METHODS[MULTIPLIED.key] = MULTIPLIED
    count = len(np.load(folder / "vectors.npy", mmap_mode="r"))
    address, disk = locate(way, folder)
    kind = choose_kind(MULTIPLIED, count, milvus=bool(address))
    ids = [hashlib.sha256(str(number).encode()).hexdigest()[:20] for number in range(count)]
    texts = np.empty((0, MULTIPLIED.dim), np.float32)
    stored = open_rows(folder, count)
    positions = {product: number for number, product in enumerate(ids)}

    def rows(products_wanted: Any) -> Rows:
        return stored.read(np.array([positions[product] for product in products_wanted]))

    def quiet(doing: str, done: int, total: int) -> None: ...

    before, top = compute_size(disk), folder / way / kind
    memory_mb = measure_memory(way) if way == "server" else 0.0
    with lock_catalogue(top):
        staging = Staging(top, None)
        target = staging.folder / get_kind_folder(MULTIPLIED, kind)
        started = time.perf_counter()
        if address:
            products = Products(ids, ['{"category": "a kind"}'] * count)
            collection = Collection(address, top, MULTIPLIED, kind, count)
            connect(address, create=True)
            collection.prepare(set())
            collection.write(products, rows, quiet)
            written = time.perf_counter() - started
            write_milvus(
                target, collection, MULTIPLIED, products, rows, NO_PAIRS, texts, RECALL, quiet
            )
        elif kind == "approximate":
            blocks = (block for _, block in stored.iterate_blocks())
            write_approximate(target, MULTIPLIED, ids, blocks, NO_PAIRS, texts, RECALL, None, quiet)
        else:
            write_index(
                target, MULTIPLIED, ids, (block for _, block in stored.iterate_blocks()), NO_PAIRS
            )
        whole = time.perf_counter() - started
        staging.record(get_kind_folder(MULTIPLIED, kind))
        staging.publish(way)
    if address:
        disconnect(address)
    return {
        "kind": kind,
        "build_s": round(whole, 1),
        "vectors_per_s": round(count / (written if address else whole)),
        "disk_bytes": round((compute_size(disk) - before) / count),
        "memory_before_mb": round(memory_mb),  # of a server
    }


def compute_size(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def search(way: str, folder: Path) -> dict[str, Any]:
    """Search one query at a time; return the recall and the memory used."""
    METHODS[MULTIPLIED.key] = MULTIPLIED
    top = next((folder / way).iterdir())
    queries, true = np.load(folder / "queries.npy")[:QUERIES], np.load(folder / "true.npy")
    count = len(np.load(folder / "vectors.npy", mmap_mode="r"))
    address, _ = locate(way, folder)
    if address:
        connect(address)
    before = measure_memory(way)
    started = time.perf_counter()
    index, _ = open_built_index(folder / way, top.name)
    opened = time.perf_counter() - started
    with threadpool_limits(1):
        answers = time_searches(lambda query: index.search(query, TOP_K)[0], queries)
    memory_mb = measure_memory(way) - (0 if way == "server" else before)
    result = make_point(way, "", *answers, true)
    probes = index.probes if isinstance(index, MilvusIndex) else 0
    if address:
        disconnect(address)
    return {
        "opened_s": round(opened, 2),
        "memory_bytes": round(memory_mb * 1e6 / count),
        "probes": probes,
        "median_ms": result["median_ms"],
        "p95_ms": result["p95_ms"],
        "recall": result["recall"],
        "recall_interval": result["interval"],
    }


if __name__ == "__main__":
    sys.exit(main())
