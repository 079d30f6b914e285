"""What each method costs: embedding speed, search time and storage."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from similarity.indexes import Positions, VectorIndex, find_index_folder
from similarity.indexes.milvus.index import MilvusIndex
from similarity.measures.files import compute_index_stamp
from similarity.measures.metrics.schema import Cost, Figure, Metrics
from similarity.methods import Method
from similarity.store.generations import Generation
from similarity.threads import one_thread

TIMED_SEARCHES = 50  # for TIMED_K products each
TIMED_K = 12

Rates = Mapping[str, tuple[int, float]]  # pictures embedded and the seconds that took, by key


def measure_costs(
    generation: Generation,
    indexes: Mapping[Method, VectorIndex],
    rates: Rates,
    previous: Metrics | None,
    queries: Positions,
) -> dict[str, Any]:
    """Return the fields of Metrics that state costs and the machine."""
    costs = {}
    for method, index in indexes.items():
        key = method.key
        pictures, seconds = rates.get(key, (0, 0.0))
        rate, pictures = (pictures / seconds, pictures) if seconds else (None, 0)
        previous_cost = previous.costs.get(key) if previous and previous.methods.get(key) else None
        if previous_cost and previous_cost.rate and previous_cost.pictures > pictures:
            rate, pictures = previous_cost.rate, previous_cost.pictures
        times = []
        with one_thread():
            for position in queries[:: max(1, len(queries) // TIMED_SEARCHES)].tolist():
                row = index.read_row(position)
                start = perf_counter()
                index.search(row, min(TIMED_K, index.count), position)
                times.append(1000 * (perf_counter() - start))
        folder = find_index_folder(method, generation.sums)
        recall = index.recall.get("pictures")
        costs[key] = Cost(
            kind=Path(folder).name,
            rate=rate,
            pictures=pictures,
            median=float(np.median(times)) if times else 0.0,
            p95=float(np.quantile(times, 0.95)) if times else 0.0,
            size=None
            if isinstance(index, MilvusIndex)
            else _compute_size(generation, folder) / index.count,
            recall=Figure(recall.share, recall.low, recall.high) if recall else None,
        )
    stamps = {method.key: compute_index_stamp(generation, method) for method in indexes}
    return {"indexes": stamps, "costs": costs, "machine": describe_machine()}


def _compute_size(generation: Generation, folder: str) -> int:
    """Return the size of an index's files in bytes."""
    total = 0
    for name in generation.folder_files(folder).list_names():
        with generation.open(f"{folder}/{name}") as file:
            total += os.fstat(file.fileno()).st_size
    return total


def describe_machine() -> str:
    """Describe the machine on which times are measured."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):
        name = platform.machine()
    return f"{name}, {os.cpu_count()} cores"
