"""The article's notebook as it is written there, beside this project's build and search.

    python -m benchmarks.article --catalogue demo
    python -m benchmarks.article --catalogue demo --random
    python -m benchmarks.article --catalogue demo --methods clip --weights clip=PATH

The notebook has a pandas data frame of the pictures' paths, embeds one picture after the other by
the library's own call with its defaults into a column, and compares one row with all by
sklearn's cosine_similarity. Here every picture is embedded by both, each product is asked for its
nearest by both, and it is told whether the answers are the same and how long each took. Neither
time has the loading of the model in it; ours has the thumbnails in it. By `pixels` the notebook
crashed on all pictures; as its author did, it is run on 1,000.

--random makes networks of the true size with random weights where the published ones are not here.
What they call similar means nothing; that both agree, and the times, mean the same.
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
from precompute.options import split
from precompute.progress import Steps, finish
from precompute.report import show_left_out
from precompute.weights import LeftOut, bound_methods, copies
from similarity import METHODS, Catalogue, SimilarityError, open_catalogue
from similarity.embedding import embedder
from similarity.inference import network
from similarity.methods import Method
from similarity.store.progress import Step
from similarity.store.publish import locked

ROWS = 1000  # of pixels
QUERIES = 100
K = 10
TIE = 1e-5  # cosines that differ by less are equal: float32 and another order of summing


def embedded(
    paths: list[str], encode: Encode, progress: Callable[[int, int], None]
) -> tuple[pd.DataFrame, float]:
    """The notebook's data frame, and how many seconds it took."""
    encode(paths[0])  # what a first call prepares is off this clock; it is on ours
    started = time.perf_counter()
    df = pd.DataFrame({"path": paths})
    embeddings = []
    for path in df["path"]:
        embeddings.append(encode(path))
        progress(len(embeddings), len(paths))
    df["embedding"] = embeddings
    return df, time.perf_counter() - started


def similarities(df: pd.DataFrame, row: int) -> Any:
    """The notebook's search: cosines of one row with all rows, (n,)."""
    return cosine_similarity([df["embedding"][row]], df["embedding"].tolist())[0]


def nearest(scores: Any, row: int) -> list[int]:
    """The K rows of the highest scores, the queried one left out."""
    return [int(other) for other in np.argsort(-scores) if other != row][:K]


# This project, and the comparison.


class Clock:
    """The seconds of a build's embedding, from its progress."""

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
class Beside:
    """One method, the notebook's way and ours."""

    method: Method
    pictures: int
    queries: int
    identical: int  # lists of K neighbours
    same: int  # those and lists that differ in ties alone
    gap: float  # largest difference of the notebook's cosines where two lists differ
    cosine: float  # smallest, of the two vectors of one picture
    embedding: tuple[float, float]  # s, the notebook's and ours
    search: tuple[float, float]  # ms, medians


def beside(method: Method, pictures: list[Path], folder: Path, step: Steps) -> Beside:
    """Do both, on the same pictures in the same order."""
    source = folder / "pictures"
    source.mkdir()
    for number, path in enumerate(pictures):
        shutil.copyfile(path, source / f"{number:06}{path.suffix}")
    clock = Clock(step)
    if method.backbone:
        network(method.backbone)
    embedder(method)
    with locked(folder / "built"):
        build(source, str(source), folder / "built", [method], clock)
    catalogue = open_catalogue(folder / "built")
    what = f"The notebook embedding by {method.title}"
    encode = NOTEBOOK[method.key](method)
    paths = [str(source / path) for path in catalogue.products["path"]]
    df, seconds = embedded(paths, encode, lambda done, total: step(what, done, total))
    return compared(method, catalogue, df, (seconds, clock.seconds), step)


def compared(
    method: Method,
    catalogue: Catalogue,
    df: pd.DataFrame,
    embedding: tuple[float, float],
    step: Step,
) -> Beside:
    """Ask both for the neighbours of the same products."""
    ids = list(catalogue.products.index)
    drawn = np.random.default_rng(0).permutation(len(ids))[:QUERIES]
    catalogue.search(method.key, product=ids[0], k=K)
    identical = same = 0
    gap, times = 0.0, []
    for done, row in enumerate(map(int, drawn), 1):
        step("Asking both", done, len(drawn))
        started = time.perf_counter()
        scores = similarities(df, row)
        theirs = nearest(scores, row)
        between = time.perf_counter()
        hits = catalogue.search(method.key, product=ids[row], k=K, exact=True)
        times.append((between - started, time.perf_counter() - between))
        ours = [catalogue.position(hit.product) for hit in hits]
        apart = float(np.abs(scores[ours] - scores[theirs]).max())
        identical += ours == theirs
        same += apart < TIE
        gap = max(gap, apart)
    index = catalogue.index(catalogue.method(method.key))
    cosines = [
        cosine_similarity([np.float64(index.row(row))], [np.float64(df["embedding"][row])])[0, 0]
        for row in range(len(ids))
    ]
    theirs_s, ours_s = np.median(times, axis=0)
    return Beside(
        method,
        len(ids),
        len(drawn),
        identical,
        same,
        gap,
        float(min(cosines)),
        embedding,
        (theirs_s * 1000, ours_s * 1000),
    )


def chosen(
    options: argparse.Namespace, catalogue: Path, folder: Path
) -> tuple[list[Method], list[LeftOut]]:
    """The methods with their weights, of which random ones are written to `folder`.

    Raises SimilarityError for a method that is named and whose weights can't be had.
    """
    keys = list(NOTEBOOK) if options.methods is None else split(options.methods)
    named = [*keys, *(each.partition("=")[0] for each in options.weights)]
    if unknown := [key for key in named if key not in NOTEBOOK]:
        raise SimilarityError(f"The notebook has no {', '.join(unknown)}: {', '.join(NOTEBOOK)}.")
    methods = [METHODS[key] for key in keys]
    given = copies(options.weights)
    if options.random:
        lacking = [method for method in methods if method.published and method.key not in given]
        given |= {m.key: str(WRITERS[m.key](folder / m.key)) for m in lacking}
    return bound_methods(methods, set(keys) if options.methods else set(given), given, catalogue)


def weights_of(method: Method, random: Path) -> str:
    """Which weights a method was run with, in a word."""
    if method.at is None:
        return "its own"
    if not method.at.copy:
        return "published"
    return "random" if Path(method.at.copy).is_relative_to(random) else "a copy"


def shown(found: list[Beside], random: Path) -> Table:
    """What was found, for a person."""
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
    for each in found:
        table.add_row(
            each.method.key,
            weights_of(each.method, random),
            f"{each.pictures:,}",
            f"{each.queries:,}",
            f"{each.same} of {each.queries}",
            str(each.identical),
            f"{each.gap:.1e}",
            f"{each.cosine:.7f}",
            "{:.1f}, {:.1f}".format(*each.embedding),
            f"{each.embedding[0] / each.embedding[1]:.1f}",
            "{:.1f}, {:.2f}".format(*each.search),
            f"{each.search[0] / each.search[1]:,.0f}",
        )
    return table


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--catalogue", default="demo", help="name of a built catalogue")
    made.add_argument("--methods", metavar="a,b", help=f"of: {', '.join(NOTEBOOK)}")
    made.add_argument("--weights", action="append", default=[], metavar="METHOD=PATH")
    made.add_argument("--random", action="store_true", help="random weights where none are given")
    options = made.parse_args(arguments)
    console = Console(width=max(Console().width, 160))
    return finish(console, lambda: run(options, console))


def run(options: argparse.Namespace, console: Console) -> int:
    """Compare and print. Raises SimilarityError."""
    catalogue = open_catalogue(options.catalogue)
    pictures = [catalogue.root / path for path in catalogue.products["path"]]
    if gone := [path for path in pictures if not path.is_file()]:
        raise SimilarityError(f"'{gone[0]}' is gone: build '{catalogue.name}' again.")
    found = []
    with tempfile.TemporaryDirectory() as place:
        methods, left_out = chosen(options, catalogue.folder, Path(place))
        for method in methods:
            folder = Path(place) / f"run-{method.key}"
            folder.mkdir()
            some = pictures[:ROWS] if method.key == "pixels" else pictures
            with Steps(console) as step:
                found.append(beside(method, some, folder, step))
            shutil.rmtree(folder)
        console.print(shown(found, Path(place)))
        if any(weights_of(each.method, Path(place)) == "random" for each in found):
            console.print("random: networks of the true size, whose answers mean nothing by them.")
    show_left_out(console, left_out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
