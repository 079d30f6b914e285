"""Time searches, and measure what they find and the memory that they take."""

import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from similarity.indexes import AT
from similarity.statistics.intervals import limits

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
