"""Measure how search time grows with the number of products: the figures of the Learn page.

    python -m benchmarks.scale                       # writes assets/scale.json, about four minutes
    python -m benchmarks.scale --largest 10000 --out FILE

Three ways to find the 10 nearest, each in one thread: the article's notebook, a pandas column
compared by sklearn; FAISS with every vector (Flat), which this project uses up to about 100,000
products; and FAISS with the vectors of the 16 nearest of many cells (IVF), which misses some of the
nearest. The recall is measured next to the time, with a 95 % percentile bootstrap interval over
queries. benchmarks.million measures what this project does with more products.

The vectors are multiplied from a built catalogue's: each is a random mixture of a real one and
three of its near neighbours, with a little noise, so that they form clusters as real ones do.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pandas as pd
from rich.console import Console
from threadpoolctl import threadpool_limits

from benchmarks.article import compute_cosines
from precompute.progress import Steps, run_command
from similarity import METHODS, open_catalogue
from similarity.indexes import normalise
from similarity.measures.metrics.costs import describe_machine
from similarity.methods import Vectors
from similarity.statistics.intervals import compute_interval

OUT = Path(__file__).parents[1] / "assets" / "scale.json"
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
METHOD, DIM, K = "efficientnet", 512, 10
QUERIES = 200
SECONDS = 10  # after these, a slow way gets no further query, if it had three
NEIGHBOURS, MIXED, NOISE = 10, 4, 0.3  # noise: its length relative to the mixture's
PROBED = 16  # cells of IVF that are probed
BLOCK = 50_000


def multiply_vectors(real: Vectors, count: int, rng: np.random.Generator) -> Vectors:
    """Return unit vectors (count, DIM) distributed like real ones (n, d), where n > DIM."""
    mean = real.mean(0)
    _, _, axes = np.linalg.svd(real - mean, full_matrices=False)
    points = normalise((real @ axes[:DIM].T).astype(np.float32))
    flat = faiss.IndexFlatIP(DIM)
    flat.add(points)
    near = flat.search(points, NEIGHBOURS + 1)[1]
    vectors = np.empty((count, DIM), np.float32)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        first = rng.integers(len(points), size=size)
        others = rng.integers(1, NEIGHBOURS + 1, size=(size, MIXED - 1))
        sources = np.column_stack([first, *(near[first, column] for column in others.T)])
        weights = rng.dirichlet(np.ones(MIXED), size).astype(np.float32)
        mixed = np.einsum("nm,nmd->nd", weights, points[sources])
        noise = rng.standard_normal((size, DIM)).astype(np.float32) / np.float32(DIM**0.5)
        scale = NOISE * np.linalg.norm(mixed, axis=1, keepdims=True)
        # the noise is proportional to the mixture in each direction, because real vectors fill few
        # directions
        vectors[start : start + size] = normalise(mixed + scale * noise * np.abs(mixed) * DIM**0.5)
    return vectors


def describe_structure(vectors: Vectors, queries: Vectors) -> dict[str, float]:
    """Return the mean cosine of the 10 nearest, and the intrinsic dimension by TwoNN.

    Source: Facco et al. 2017, doi:10.1038/s41598-017-11873-y.
    """
    flat = faiss.IndexFlatIP(DIM)
    flat.add(vectors)
    cosines = flat.search(queries, K)[0].clip(max=1)
    first, second = np.sqrt(2 - 2 * cosines[:, :2]).T
    are_different = first > 0
    dimension = are_different.sum() / np.log(second[are_different] / first[are_different]).sum()
    return {"mean_top10_cosine": round(float(cosines.mean()), 3), "twonn": round(dimension, 1)}


def time_queries(search: Callable[[int], Any], queries: int) -> tuple[list[Any], list[float]]:
    """Return the results of queries by their number, and the milliseconds of each."""
    search(0)
    answers, times = [], []
    first_started = time.perf_counter()
    for number in range(queries):
        started = time.perf_counter()
        answers.append(search(number))
        times.append((time.perf_counter() - started) * 1000)
        if len(times) >= 3 and time.perf_counter() - first_started > SECONDS:
            break
    return answers, times


def measure_ways(vectors: Vectors, queries: Vectors) -> list[dict[str, Any]]:
    """Return the times of all three ways, and their recall of the 10 nearest."""
    flat = faiss.IndexFlatIP(DIM)
    flat.add(vectors)
    cells = 2 ** round(np.log2(2 * len(vectors) ** 0.5))
    inverted = faiss.IndexIVFFlat(faiss.IndexFlatIP(DIM), DIM, cells, faiss.METRIC_INNER_PRODUCT)
    inverted.cp.min_points_per_centroid = 1  # avoids a warning for small sizes
    inverted.train(vectors)
    inverted.add(vectors)
    inverted.nprobe = PROBED
    frame = pd.DataFrame({"embedding": [*queries, *vectors]})

    def notebook(number: int) -> Any:
        scores = compute_cosines(frame, number)[len(queries) :]
        return np.argsort(-scores)[:K]

    ways: dict[str, Callable[[int], Any]] = {
        "notebook": notebook,
        "flat": lambda number: flat.search(queries[number : number + 1], K)[1][0],
        "ivf": lambda number: inverted.search(queries[number : number + 1], K)[1][0],
    }
    rows: list[dict[str, Any]] = []
    exact: list[Any] = []
    with threadpool_limits(1):
        for way in ("flat", "ivf", "notebook"):
            answers, times = time_queries(ways[way], len(queries))
            exact = exact or answers
            # a slow way had fewer queries than the others
            pairs = zip(answers, exact, strict=False)
            recalls = np.array([len(set(answer) & set(true)) / K for answer, true in pairs])
            rows.append(
                {
                    "products": len(vectors),
                    "way": way,
                    "median_ms": round(float(np.median(times)), 3),
                    "p95_ms": round(float(np.quantile(times, 0.95)), 3),
                    "queries": len(times),
                    "recall_at_10": round(float(recalls.mean()), 4),
                    "recall_interval": [round(limit, 4) for limit in compute_interval(recalls)],
                    "recall_queries": len(recalls),
                }
            )
    return rows


def run(options: argparse.Namespace, console: Console) -> int:
    """Measure and write the results. Raises SimilarityError."""
    index = open_catalogue(options.catalogue).open_index(METHODS[METHOD])
    real = np.stack([index.read_row(position) for position in range(index.count)])
    sizes = [size for size in SIZES if size <= options.largest]
    rows: list[dict[str, Any]] = []
    with Steps(console) as step:
        multiplied = multiply_vectors(real, sizes[-1] + QUERIES, np.random.default_rng(0))
        queries, vectors = multiplied[:QUERIES], multiplied[QUERIES:]
        for done, size in enumerate(sizes):
            step("Measuring", done, len(sizes))
            rows += measure_ways(vectors[:size], queries)
        step("Measuring", len(sizes), len(sizes))
    content = {
        "command": f"python -m benchmarks.scale --catalogue {options.catalogue}",
        "machine": describe_machine(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "dim": DIM,
        "k": K,
        "vectors": f"{METHOD} of {options.catalogue} ({index.count:,}), multiplied",
        "structure": describe_structure(vectors, queries),
        "probed": PROBED,
        "rows": rows,
    }
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    console.print(pd.DataFrame(rows).to_string(index=False))
    console.print(f"{options.out}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--catalogue", default="demo", help="name of a built catalogue")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="number of products at most")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE")
    options = parser.parse_args(arguments)
    console = Console()
    return run_command(console, lambda: run(options, console))


if __name__ == "__main__":
    raise SystemExit(main())
