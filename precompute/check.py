"""`python -m precompute check NAME`: read every file of a built catalogue, name what is damaged."""

import argparse
from pathlib import Path

from rich.console import Console

from precompute.progress import Steps, say
from similarity.catalogue import open_catalogue
from similarity.commands import build_command, explain_error
from similarity.errors import SimilarityError
from similarity.indexes import INDEXES
from similarity.indexes.milvus.index import MilvusIndex
from similarity.methods import METHODS
from similarity.store.generations import Generation
from similarity.store.paths import NAME
from similarity.store.progress import Step

DESCRIPTION = """\
Read every file of a built catalogue and compare it with what was written: the table, all
thumbnails, every index. Says what is damaged and which command mends it.
"""


def parser() -> argparse.ArgumentParser:
    """The options and their help."""
    made = argparse.ArgumentParser("python -m precompute check", description=DESCRIPTION)
    made.add_argument("name", help="a catalogue's name, or the folder of a built one")
    return made


def run(options: argparse.Namespace, console: Console) -> int:
    """Check and tell; returns 0 if all is well, else 1. Raises SimilarityError if not openable."""
    by_name = NAME.fullmatch(options.name)
    catalogue = open_catalogue(options.name if by_name else Path(options.name).expanduser())
    generation = catalogue.generation
    with Steps(console) as step:
        damaged = changed_files(generation, step)
    for path, reason in damaged.items():
        say(console, f"{generation.place / path}: {reason}", "red")
    broken = {path.split("/")[1] for path in damaged if path.startswith(f"{INDEXES}/")}
    for key in catalogue.methods:
        try:
            method = catalogue.method(key)
            index = catalogue.index(method)
            if isinstance(index, MilvusIndex):
                with Steps(console) as step:
                    read_rows(index, method.title, step)
        except SimilarityError as error:
            if key not in broken:
                say(console, explain_error(error), "red")
            broken.add(key)
    if not damaged and not broken:
        count = len(generation.sums.whole()) + 2  # and the two that the others are found by
        say(console, f"All {count:,} files of '{catalogue.name}' are what was written.")
        return 0
    outside = [path for path in damaged if not path.startswith(f"{INDEXES}/")]
    keys = catalogue.methods if outside else [key for key in catalogue.methods if key in broken]
    say(console, f"Build it again: {build_command(catalogue, keys)}")
    return 1


def read_rows(index: MilvusIndex, title: str, step: Step) -> None:
    """Read all vectors that Milvus keeps. Raises SimilarityError if it lacks one."""
    for start, rows in index.blocks():
        step(f"Reading from Milvus, {title}", start + len(rows), index.count)


def changed_files(generation: Generation, step: Steps) -> dict[str, str]:
    """Paths of files that are not what was written, and why. Of methods that are no more: none."""
    damaged = {}
    paths = list(generation.sums.whole())
    for done, path in enumerate(paths):
        step("Reading files", done, len(paths))
        parts = path.split("/")
        if parts[0] == INDEXES and parts[1] not in METHODS:
            continue
        try:
            generation.verify(path)
        except SimilarityError as error:
            damaged[path] = str(error)
    step("Reading files", len(paths), len(paths))
    return damaged
