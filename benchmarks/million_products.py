"""The products of benchmarks.million: derived from real vectors, and indexed by this project."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pandas as pd

from benchmarks.scale import DIM, METHOD, describe_structure, multiply_vectors
from benchmarks.timing import Point, get_memory, get_peak_memory
from similarity import METHODS
from similarity.catalogues import open_catalogue
from similarity.indexes import TOP_K, Kind, compute_fingerprint
from similarity.indexes.approximate.build import RECALL, write_approximate
from similarity.indexes.approximate.index import VECTORS
from similarity.indexes.base import IDS_FILE, Positions, Rows, VectorIndex
from similarity.indexes.folder import find_index_folder, get_kind_folder, open_index, write_index
from similarity.indexes.pairs import RandomPairs
from similarity.indexes.stored_rows import StoredRows, write_rows
from similarity.store.generations import Generation
from similarity.store.paths import get_thumbnail_path
from similarity.store.publish import Staging, lock_catalogue
from similarity.store.table import Facts, serialise_table

QUERIES = 1000
MULTIPLIED = replace(METHODS["efficientnet"], key="made", dim=DIM, backbone=None)
NO: RandomPairs = RandomPairs(np.empty(0, np.float32), "")
NO_PAIRS: dict[Kind, RandomPairs] = {"pictures": NO, "words": NO}


def open_rows(folder: Path, count: int) -> StoredRows:
    """Open the vectors in the folder."""
    with (folder / VECTORS).open("rb") as file:
        return StoredRows(file, VECTORS, count, DIM, np.float32)


def make(names: list[str], folder: Path, count: int) -> Point:
    """Write vectors and queries to the folder; return how they are spread."""
    indexes = [open_catalogue(name).open_index(METHODS[METHOD]) for name in names]
    real = np.concatenate(
        [np.stack([index.read_row(i) for i in range(index.count)]) for index in indexes]
    )
    rows = multiply_vectors(real, count + QUERIES, np.random.default_rng(0))
    np.save(folder / "queries.npy", rows[:QUERIES])
    vectors = rows[QUERIES:]
    for _ in write_rows(folder / VECTORS, count, DIM, np.float32, [vectors]):
        pass
    flat = faiss.IndexFlatIP(DIM)
    flat.add(vectors)
    np.save(folder / "true.npy", flat.search(rows[:QUERIES], TOP_K)[1])
    return {"real": len(real), **describe_structure(vectors, rows[:QUERIES])}


def build(folder: Path, count: int, kind: str) -> Point:
    """Publish a catalogue with an index of this kind; return the seconds and megabytes it took.

    Its thumbnails are listed in the generation but missing: opening a catalogue reads none.
    """
    METHODS[MULTIPLIED.key] = MULTIPLIED
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
    waits: dict[str, list[float]] = {}

    def tell(doing: str, done: int, total: int) -> None:
        waits.setdefault(doing.partition(",")[0], []).append(time.perf_counter())

    def blocks() -> Iterator[Rows]:
        for _, rows in open_rows(folder, count).iterate_blocks():
            yield rows

    top = folder / kind
    with lock_catalogue(top):
        staging = Staging(top, None)
        place = get_kind_folder(MULTIPLIED, kind)
        before, started = get_memory(), time.perf_counter()
        if kind == "approximate":
            write_approximate(
                staging.folder / place,
                MULTIPLIED,
                ids,
                blocks(),
                NO_PAIRS,
                np.empty((0, MULTIPLIED.dim), np.float32),
                RECALL,
                None,
                tell,
            )
        else:
            write_index(staging.folder / place, MULTIPLIED, ids, blocks(), NO_PAIRS)
        seconds, peak = time.perf_counter() - started, get_peak_memory() - before
        staging.record(place)
        for path, content in serialise_table(products, Facts(kind, "pictures", 0, 0)).items():
            staging.add_bytes(path, content)
        for product in ids:
            staging._sums[get_thumbnail_path(product)] = hashlib.sha256(
                product.encode()
            ).hexdigest()
        published = staging.publish(kind)
    steps = {doing: round(times[-1] - times[0], 1) for doing, times in waits.items()}
    size = sum(file.stat().st_size for file in (published / place).iterdir())
    return {
        "build_s": round(seconds, 1),
        "build_peak_mb": round(peak),
        "steps_s": steps,
        "disk_mb": round(size / 1e6),
    }


def open_built_index(folder: Path, kind: str) -> tuple[VectorIndex, float]:
    """Open the index alone; return it and the resident megabytes it uses."""
    METHODS[MULTIPLIED.key] = MULTIPLIED
    with closing(Generation(folder / kind)) as generation:
        part = generation.folder_files(find_index_folder(MULTIPLIED, generation.sums))
        products = compute_fingerprint(part.read(IDS_FILE).decode().split())
        before = get_memory()
        index = open_index(part, MULTIPLIED, products)
        return index, get_memory() - before


def load_queries(folder: Path) -> tuple[Rows, Positions]:
    """Return the queries and their exact results."""
    return np.load(folder / "queries.npy"), np.load(folder / "true.npy")
