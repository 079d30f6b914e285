"""How the time of a search grows with the number of products: what the Learn page shows.

    python -m benchmarks.scale                       # writes assets/scale.json, some four minutes
    python -m benchmarks.scale --largest 10000 --out FILE

Three ways to find the 10 nearest, each in one thread: as the article's notebook does it, a pandas
column compared by sklearn; FAISS with every vector (Flat), which is what this project does up to
some 100,000 products; and FAISS with the vectors of the 16 nearest of many cells (IVF), which
misses some of the nearest. How many it finds is measured beside its time, with a 95 % percentile
bootstrap interval over queries. What this project does with more is in benchmarks.million.

The vectors are a built catalogue's, multiplied: each is a random mixture of a real one and three of
its near neighbours, with a little noise, so that they lie in clusters as real ones do.
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

from benchmarks.article import similarities
from precompute.progress import Steps, finish
from similarity import METHODS, open_catalogue
from similarity.indexes import unit
from similarity.measures.metrics.costs import machine
from similarity.methods import Vectors
from similarity.statistics.intervals import limits

OUT = Path(__file__).parents[1] / "assets" / "scale.json"
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
METHOD, DIM, K = "efficientnet", 512, 10
QUERIES = 200
SECONDS = 10  # after which no further query is asked of a slow way, if it had three
NEIGHBOURS, MIXED, NOISE = 10, 4, 0.3  # noise: its length beside the mixture's
PROBED = 16  # cells of IVF that are searched
BLOCK = 50_000


def multiplied(real: Vectors, count: int, rng: np.random.Generator) -> Vectors:
    """So many unit vectors (count, DIM) that are spread as real ones (n, d) are, n above DIM."""
    mean = real.mean(0)
    _, _, axes = np.linalg.svd(real - mean, full_matrices=False)
    points = unit((real @ axes[:DIM].T).astype(np.float32))
    flat = faiss.IndexFlatIP(DIM)
    flat.add(points)
    near = flat.search(points, NEIGHBOURS + 1)[1]
    made = np.empty((count, DIM), np.float32)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        first = rng.integers(len(points), size=size)
        others = rng.integers(1, NEIGHBOURS + 1, size=(size, MIXED - 1))
        chosen = np.column_stack([first, *(near[first, column] for column in others.T)])
        weights = rng.dirichlet(np.ones(MIXED), size).astype(np.float32)
        mixed = np.einsum("nm,nmd->nd", weights, points[chosen])
        noise = rng.standard_normal((size, DIM)).astype(np.float32) / np.float32(DIM**0.5)
        scale = NOISE * np.linalg.norm(mixed, axis=1, keepdims=True)
        # in each direction as much noise as the mixture has of it: real ones fill few directions
        made[start : start + size] = unit(mixed + scale * noise * np.abs(mixed) * DIM**0.5)
    return made


def structure(vectors: Vectors, queries: Vectors) -> dict[str, float]:
    """Mean cosine of the 10 nearest, and the intrinsic dimension by TwoNN (Facco et al. 2017)."""
    flat = faiss.IndexFlatIP(DIM)
    flat.add(vectors)
    cosines = flat.search(queries, K)[0].clip(max=1)
    one, two = np.sqrt(2 - 2 * cosines[:, :2]).T
    apart = one > 0
    dimension = apart.sum() / np.log(two[apart] / one[apart]).sum()
    return {"mean_top10_cosine": round(float(cosines.mean()), 3), "twonn": round(dimension, 1)}


def timed(search: Callable[[int], Any], queries: int) -> tuple[list[Any], list[float]]:
    """Answers to queries by their number, and the milliseconds that each took."""
    search(0)
    answers, times = [], []
    begun = time.perf_counter()
    for number in range(queries):
        started = time.perf_counter()
        answers.append(search(number))
        times.append((time.perf_counter() - started) * 1000)
        if len(times) >= 3 and time.perf_counter() - begun > SECONDS:
            break
    return answers, times


def measured(vectors: Vectors, queries: Vectors) -> list[dict[str, Any]]:
    """The times of all three ways, and the share of the 10 nearest that each finds."""
    flat = faiss.IndexFlatIP(DIM)
    flat.add(vectors)
    cells = 2 ** round(np.log2(2 * len(vectors) ** 0.5))
    inverted = faiss.IndexIVFFlat(faiss.IndexFlatIP(DIM), DIM, cells, faiss.METRIC_INNER_PRODUCT)
    inverted.cp.min_points_per_centroid = 1  # else it warns of small sizes
    inverted.train(vectors)
    inverted.add(vectors)
    inverted.nprobe = PROBED
    frame = pd.DataFrame({"embedding": [*queries, *vectors]})

    def notebook(number: int) -> Any:
        scores = similarities(frame, number)[len(queries) :]
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
            answers, times = timed(ways[way], len(queries))
            exact = exact or answers
            # a slow way was asked fewer queries than others
            both = zip(answers, exact, strict=False)
            found = np.array([len(set(answer) & set(true)) / K for answer, true in both])
            rows.append(
                {
                    "products": len(vectors),
                    "way": way,
                    "median_ms": round(float(np.median(times)), 3),
                    "p95_ms": round(float(np.quantile(times, 0.95)), 3),
                    "queries": len(times),
                    "recall_at_10": round(float(found.mean()), 4),
                    "recall_interval": [round(limit, 4) for limit in limits(found)],
                    "recall_queries": len(found),
                }
            )
    return rows


def run(options: argparse.Namespace, console: Console) -> int:
    """Measure and write. Raises SimilarityError."""
    index = open_catalogue(options.catalogue).index(METHODS[METHOD])
    real = np.stack([index.row(position) for position in range(index.count)])
    sizes = [size for size in SIZES if size <= options.largest]
    rows: list[dict[str, Any]] = []
    with Steps(console) as step:
        made = multiplied(real, sizes[-1] + QUERIES, np.random.default_rng(0))
        queries, vectors = made[:QUERIES], made[QUERIES:]
        for done, size in enumerate(sizes):
            step("Measuring", done, len(sizes))
            rows += measured(vectors[:size], queries)
        step("Measuring", len(sizes), len(sizes))
    found = {
        "command": f"python -m benchmarks.scale --catalogue {options.catalogue}",
        "machine": machine(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "dim": DIM,
        "k": K,
        "vectors": f"{METHOD} of {options.catalogue} ({index.count:,}), multiplied",
        "structure": structure(vectors, queries),
        "probed": PROBED,
        "rows": rows,
    }
    options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    console.print(pd.DataFrame(rows).to_string(index=False))
    console.print(f"{options.out}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--catalogue", default="demo", help="name of a built catalogue")
    made.add_argument("--largest", type=int, default=SIZES[-1], help="number of products at most")
    made.add_argument("--out", type=Path, default=OUT, metavar="FILE")
    options = made.parse_args(arguments)
    console = Console()
    return finish(console, lambda: run(options, console))


if __name__ == "__main__":
    raise SystemExit(main())
