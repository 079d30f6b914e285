"""Compare the article's notebook, as written there, with this project's build and search.

    python -m benchmarks.article --catalogue demo
    python -m benchmarks.article --catalogue demo --random
    python -m benchmarks.article --catalogue demo --methods clip --weights clip=PATH

The notebook stores the pictures' paths in a pandas data frame, embeds one picture after the other
by the library's own call with its defaults, and compares one row with all by sklearn's
cosine_similarity. Here both embed every picture and find each product's neighbours. The table
states whether the results are equal and how long each took. The times exclude loading the model;
this project's include thumbnails. With `pixels`, the notebook ran out of memory on all pictures; as
its author did, it is run on 1,000.

--random builds networks of the true size with random weights where the published ones are missing.
Their similarities are meaningless, but the agreement and the times are not.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.metrics.pairwise import cosine_similarity

from benchmarks.notebook import NOTEBOOK, Encode
from harness.published import WRITERS
from precompute.build import build
from precompute.progress import Steps, run_command
from precompute.report import print_skipped
from precompute.scan import take_inventory
from precompute.weights import SkippedMethod, bind_methods, parse_weights
from similarity import METHODS, Catalogue, SimilarityError, open_catalogue
from similarity.candidates.specification import split_specifications
from similarity.embedding import load_embedder
from similarity.inference import load_network
from similarity.methods import Method
from similarity.store.progress import Step
from similarity.store.publish import lock_catalogue

ROWS = 1000  # of pixels
QUERIES = 100
K = 10
TIE = 1e-5  # cosines that differ by less are equal: float32 and another order of summation


def embed_pictures(
    paths: list[str], encode: Encode, progress: Callable[[int, int], None]
) -> tuple[pd.DataFrame, float]:
    """Return the notebook's data frame, and the seconds it took."""
    encode(paths[0])  # the first call's preparations are not timed here, but are for this project
    started = time.perf_counter()
    df = pd.DataFrame({"path": paths})
    embeddings = []
    for path in df["path"]:
        embeddings.append(encode(path))
        progress(len(embeddings), len(paths))
    df["embedding"] = embeddings
    return df, time.perf_counter() - started


def compute_cosines(df: pd.DataFrame, row: int) -> Any:
    """Search as the notebook does: return the cosines of one row with all rows, (n,)."""
    return cosine_similarity([df["embedding"][row]], df["embedding"].tolist())[0]


def find_nearest(scores: Any, row: int) -> list[int]:
    """Return the K rows with the highest scores, without the query."""
    return [int(other) for other in np.argsort(-scores) if other != row][:K]


# This project, and the comparison.


class Clock:
    """Measures the seconds of a build's embedding from its progress."""

    def __init__(self, step: Steps) -> None:
        self._step = step
        self._times: list[float] = []

    def __call__(self, what: str, done: int, total: int) -> None:
        if what == "Embedding":
            self._times.append(time.perf_counter())
        self._step(what, done, total)

    @property
    def seconds(self) -> float:
        return self._times[-1] - self._times[0]


@dataclass(frozen=True)
class Comparison:
    """One method, in the notebook and here."""

    method: Method
    pictures: int
    queries: int
    identical: int  # lists of K neighbours
    equivalent: int  # those, and lists that differ only in ties
    gap: float  # largest difference of the notebook's cosines where two lists differ
    cosine: float  # smallest between the two vectors of a picture
    embedding: tuple[float, float]  # seconds, the notebook's and ours
    search: tuple[float, float]  # medians in ms


def compare_method(method: Method, pictures: list[Path], folder: Path, step: Steps) -> Comparison:
    """Build and search with both, on the same pictures in the same order."""
    source = folder / "pictures"
    source.mkdir()
    for number, path in enumerate(pictures):
        shutil.copyfile(path, source / f"{number:06}{path.suffix}")
    clock = Clock(step)
    if method.backbone:
        load_network(method.backbone)
    load_embedder(method)
    with lock_catalogue(folder / "built"):
        build(take_inventory(source), str(source), source.name, folder / "built", [method], clock)
    catalogue = open_catalogue(folder / "built")
    what = f"The notebook embedding by {method.title}"
    encode = NOTEBOOK[method.key](method)
    paths = [str(source / path) for path in catalogue.products["path"]]
    df, seconds = embed_pictures(paths, encode, lambda done, total: step(what, done, total))
    return compare_results(method, catalogue, df, (seconds, clock.seconds), step)


def compare_results(
    method: Method,
    catalogue: Catalogue,
    df: pd.DataFrame,
    embedding: tuple[float, float],
    step: Step,
) -> Comparison:
    """Find the neighbours of the same products with both."""
    ids = list(catalogue.products.index)
    sample = np.random.default_rng(0).permutation(len(ids))[:QUERIES]
    catalogue.search(method.key, product=ids[0], k=K)
    identical = same = 0
    gap, times = 0.0, []
    for done, row in enumerate(map(int, sample), 1):
        step("Asking both", done, len(sample))
        started = time.perf_counter()
        scores = compute_cosines(df, row)
        notebook_rows = find_nearest(scores, row)
        between = time.perf_counter()
        hits = catalogue.search(method.key, product=ids[row], k=K, exact=True)
        times.append((between - started, time.perf_counter() - between))
        rows = [catalogue.find_position(hit.product) for hit in hits]
        difference = float(np.abs(scores[rows] - scores[notebook_rows]).max())
        identical += rows == notebook_rows
        same += difference < TIE
        gap = max(gap, difference)
    index = catalogue.open_index(catalogue.resolve_method(method.key))
    cosines = [
        cosine_similarity([np.float64(index.read_row(row))], [np.float64(df["embedding"][row])])[
            0, 0
        ]
        for row in range(len(ids))
    ]
    notebook_s, ours_s = np.median(times, axis=0)
    return Comparison(
        method,
        len(ids),
        len(sample),
        identical,
        same,
        gap,
        float(min(cosines)),
        embedding,
        (notebook_s * 1000, ours_s * 1000),
    )


def choose_methods(
    options: argparse.Namespace, catalogue: Path, folder: Path
) -> tuple[list[Method], list[SkippedMethod]]:
    """Return the methods bound to weights, and those skipped.

    Random weights are written to `folder`. Raises SimilarityError if the weights of a method named
    explicitly are not available.
    """
    keys = list(NOTEBOOK) if options.methods is None else split_specifications(options.methods)
    named = [*keys, *(each.partition("=")[0] for each in options.weights)]
    if unknown := [key for key in named if key not in NOTEBOOK]:
        raise SimilarityError(f"The notebook has no {', '.join(unknown)}: {', '.join(NOTEBOOK)}.")
    methods = [METHODS[key] for key in keys]
    weights = parse_weights(options.weights)
    if options.random:
        lacking = [method for method in methods if method.published and method.key not in weights]
        weights |= {m.key: str(WRITERS[m.key](folder / m.key)) for m in lacking}
    return bind_methods(methods, set(keys) if options.methods else set(weights), weights, catalogue)


def describe_weights(method: Method, random: Path) -> str:
    """Return which weights a method was run with: its own, published, random or a copy."""
    if method.bound_weights is None:
        return "its own"
    if not method.bound_weights.copy:
        return "published"
    return "random" if Path(method.bound_weights.copy).is_relative_to(random) else "a copy"


def make_table(comparisons: list[Comparison], random: Path) -> Table:
    """Return the results as a table."""
    title = f"The article's notebook and ours: the {K} nearest, {os.cpu_count()} cores"
    table = Table("method", "weights", title=title, title_justify="left")
    for heading in (
        "pictures",
        "queries",
        "same answer",
        "identical",
        "largest gap",
        "smallest cosine",
        "embedding s: notebook, ours",
        "times as fast",
        "a search ms: notebook, ours",
        "times as fast",
    ):
        table.add_column(heading, justify="right")
    for comparison in comparisons:
        table.add_row(
            comparison.method.key,
            describe_weights(comparison.method, random),
            f"{comparison.pictures:,}",
            f"{comparison.queries:,}",
            f"{comparison.equivalent} of {comparison.queries}",
            str(comparison.identical),
            f"{comparison.gap:.1e}",
            f"{comparison.cosine:.7f}",
            "{:.1f}, {:.1f}".format(*comparison.embedding),
            f"{comparison.embedding[0] / comparison.embedding[1]:.1f}",
            "{:.1f}, {:.2f}".format(*comparison.search),
            f"{comparison.search[0] / comparison.search[1]:,.0f}",
        )
    return table


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--catalogue", default="demo", help="name of a built catalogue")
    parser.add_argument("--methods", metavar="a,b", help=f"of: {', '.join(NOTEBOOK)}")
    parser.add_argument("--weights", action="append", default=[], metavar="METHOD=PATH")
    parser.add_argument("--random", action="store_true", help="random weights where none are given")
    options = parser.parse_args(arguments)
    console = Console(width=max(Console().width, 160))
    return run_command(console, lambda: run(options, console))


def run(options: argparse.Namespace, console: Console) -> int:
    """Compare and print. Raises SimilarityError."""
    catalogue = open_catalogue(options.catalogue)
    pictures = [catalogue.root / path for path in catalogue.products["path"]]
    if missing := [path for path in pictures if not path.is_file()]:
        raise SimilarityError(f"'{missing[0]}' is gone: build '{catalogue.name}' again.")
    comparisons = []
    with tempfile.TemporaryDirectory() as place:
        methods, skipped = choose_methods(options, catalogue.folder, Path(place))
        for method in methods:
            folder = Path(place) / f"run-{method.key}"
            folder.mkdir()
            sample = pictures[:ROWS] if method.key == "pixels" else pictures
            with Steps(console) as step:
                comparisons.append(compare_method(method, sample, folder, step))
            shutil.rmtree(folder)
        console.print(make_table(comparisons, Path(place)))
        if any(describe_weights(each.method, Path(place)) == "random" for each in comparisons):
            console.print("random: networks of the true size, whose answers mean nothing by them.")
    print_skipped(console, skipped)
    return 0


if __name__ == "__main__":
    sys.exit(main())
