"""What each method costs: how fast it embeds and searches, and how much it stores."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from similarity.indexes import Positions, VectorIndex, index_place
from similarity.indexes.milvus.index import MilvusIndex
from similarity.measures.files import index_stamp
from similarity.measures.metrics.schema import Cost, Figure, Metrics
from similarity.methods import Method
from similarity.store.generations import Generation
from similarity.threads import one_thread

TIMED = 50  # searches, for K_TIMED products each
K_TIMED = 12

Rates = Mapping[str, tuple[int, float]]  # pictures embedded and the seconds that took, by key


def measure_costs(
    generation: Generation,
    indexes: Mapping[Method, VectorIndex],
    rates: Rates,
    former: Metrics | None,
    drawn: Positions,
) -> dict[str, Any]:
    """Those fields of Metrics that say what methods cost, and on which machine."""
    found = {}
    for method, index in indexes.items():
        key = method.key
        pictures, seconds = rates.get(key, (0, 0.0))
        rate, pictures = (pictures / seconds, pictures) if seconds else (None, 0)
        before = former.costs.get(key) if former and former.methods.get(key) else None
        if before and before.rate and before.pictures > pictures:
            rate, pictures = before.rate, before.pictures
        times = []
        with one_thread():
            for position in drawn[:: max(1, len(drawn) // TIMED)].tolist():
                row = index.row(position)
                start = perf_counter()
                index.search(row, min(K_TIMED, index.count), position)
                times.append(1000 * (perf_counter() - start))
        place = index_place(method, generation.sums)
        recall = index.recall.get("pictures")
        found[key] = Cost(
            kind=Path(place).name,
            rate=rate,
            pictures=pictures,
            median=float(np.median(times)) if times else 0.0,
            p95=float(np.quantile(times, 0.95)) if times else 0.0,
            size=None if isinstance(index, MilvusIndex) else _size(generation, place) / index.count,
            recall=Figure(recall.share, recall.low, recall.high) if recall else None,
        )
    stamps = {method.key: index_stamp(generation, method) for method in indexes}
    return {"indexes": stamps, "costs": found, "machine": machine()}


def _size(generation: Generation, place: str) -> int:
    """Bytes of an index's files."""
    total = 0
    for name in generation.part(place).names():
        with generation.open(f"{place}/{name}") as file:
            total += os.fstat(file.fileno()).st_size
    return total


def machine() -> str:
    """What the times were measured on."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):
        name = platform.machine()
    return f"{name}, {os.cpu_count()} cores"
