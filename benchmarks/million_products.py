"""The products of benchmarks.million: made from real vectors, and indexed by this project."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pandas as pd

from benchmarks.scale import DIM, METHOD, multiplied, structure
from benchmarks.timing import Point, highest, resident
from similarity import METHODS
from similarity.catalogue import open_catalogue
from similarity.indexes import AT, Kind, fingerprint
from similarity.indexes.approximate.build import RECALL, write_approximate
from similarity.indexes.approximate.index import VECTORS
from similarity.indexes.base import IDS, Positions, Rows, VectorIndex
from similarity.indexes.folder import index_place, open_index, place_of, write_index
from similarity.indexes.pairs import RandomPairs
from similarity.indexes.stored import StoredRows, written
from similarity.store.generations import Generation
from similarity.store.paths import thumbnail_path
from similarity.store.publish import Staging, locked
from similarity.store.table import Facts, stored

QUERIES = 1000
MADE = replace(METHODS["efficientnet"], key="made", dim=DIM, backbone=None)
NO: RandomPairs = RandomPairs(np.empty(0, np.float32), "")
NONE: dict[Kind, RandomPairs] = {"pictures": NO, "words": NO}


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
