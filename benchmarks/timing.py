"""Time searches, and measure their recall and the memory they use."""

import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from similarity.indexes import TOP_K
from similarity.statistics.intervals import compute_interval

Point = dict[str, Any]  # a point of a curve


def get_memory(process: str = "self") -> float:
    """Return the resident megabytes of this process, or of another by its number."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def get_peak_memory() -> float:
    """Return the peak megabytes of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def run_in_process(work: Callable[..., Any], *args: Any) -> Any:
    """Run a function in a new process; return its result."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


def make_point(way: str, effort: str, answers: list[Any], times: list[float], true: Any) -> Point:
    """Return a row of the results, from the positions and milliseconds of the queries."""
    pairs = zip(answers, true, strict=False)
    recalls = np.array([len(set(map(int, answer)) & set(exact)) / TOP_K for answer, exact in pairs])
    return {
        "way": way,
        "effort": effort,
        "recall": round(float(recalls.mean()), 4),
        "interval": [round(limit, 4) for limit in compute_interval(recalls)],
        "median_ms": round(float(np.median(times)), 3),
        "p95_ms": round(float(np.quantile(times, 0.95)), 3),
        "queries": len(times),
    }


def time_searches(search: Callable[[Any], Any], queries: Any) -> tuple[list[Any], list[float]]:
    """Return the results and the milliseconds of each, after two warm-up searches."""
    answers, times = [], []
    for query in (*queries[:2], *queries):
        started = time.perf_counter()
        answers.append(search(query))
        times.append((time.perf_counter() - started) * 1000)
    return answers[2:], times[2:]
