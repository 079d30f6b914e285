"""`python -m precompute check NAME`: verify every file of a built catalogue."""

import argparse
from collections.abc import Container

import numpy as np
from rich.console import Console

from precompute.progress import Steps, print_line
from similarity.catalogues import open_catalogue
from similarity.commands import explain_error, format_build_command
from similarity.errors import SimilarityError
from similarity.indexes import INDEXES, MANIFEST
from similarity.indexes.milvus.index import MilvusIndex
from similarity.store.generations import CURRENT, Generation
from similarity.store.paths import parse_path
from similarity.store.progress import Step

DESCRIPTION = """\
Read every file of a built catalogue and compare it with what was written: the table, all
thumbnails, every index. Reports damaged files and the command that repairs them.
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options_parser = argparse.ArgumentParser("python -m precompute check", description=DESCRIPTION)
    options_parser.add_argument("name", help="a catalogue's name, or the folder of a built one")
    return options_parser


def run(options: argparse.Namespace, console: Console) -> int:
    """Check and report; return 0 if all is well, else 1.

    Raises SimilarityError if the catalogue can't be opened.
    """
    folder = parse_path(options.name)
    is_folder = folder is not None and (folder / CURRENT).is_file()
    catalogue = open_catalogue(folder if folder and is_folder else options.name)
    generation = catalogue.generation
    with Steps(console) as step:
        damaged = find_changed_files(generation, catalogue.registry, step)
    for path, reason in damaged.items():
        print_line(console, f"{generation.folder / path}: {reason}", "red")
    broken = {path.split("/")[1] for path in damaged if path.startswith(f"{INDEXES}/")}
    for key in catalogue.methods:
        try:
            method = catalogue.resolve_method(key)
            index = catalogue.open_index(method)
            if isinstance(index, MilvusIndex):
                with Steps(console) as step:
                    read_rows(index, method.title, step)
        except SimilarityError as error:
            if key not in broken:
                print_line(console, explain_error(error), "red")
            broken.add(key)
    if not damaged and not broken:
        count = len(generation.sums.to_dict()) + 2  # and the two that lead to the others
        print_line(console, f"All {count:,} files of '{catalogue.name}' are unchanged.")
        return 0
    outside = [path for path in damaged if not path.startswith(f"{INDEXES}/")]
    keys = catalogue.methods if outside else [key for key in catalogue.methods if key in broken]
    print_line(console, f"Build it again: {format_build_command(catalogue, keys)}")
    return 1


def read_rows(index: MilvusIndex, title: str, step: Step) -> None:
    """Read all vectors in Milvus. Raises SimilarityError if one is missing."""
    for positions, _ in index.blocks(np.arange(index.count)):
        step(f"Reading from Milvus, {title}", int(positions[-1]) + 1, index.count)


def find_changed_files(
    generation: Generation, methods: Container[str], step: Steps
) -> dict[str, str]:
    """Return damaged files with the reason, by path. Skips methods that no longer exist."""
    damaged = {}
    paths = list(generation.sums.to_dict())
    for done, path in enumerate(paths):
        step("Reading files", done, len(paths))
        parts = path.split("/")
        # a manifest always counts: without it, a method that a user brought is unknown
        if parts[0] == INDEXES and parts[1] not in methods and parts[-1] != MANIFEST:
            continue
        try:
            generation.verify(path)
        except SimilarityError as error:
            damaged[path] = str(error)
    step("Reading files", len(paths), len(paths))
    return damaged
