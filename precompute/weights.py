"""Bind a build's methods to weights.

Weights are named in the command, remembered by the catalogue, or fetched.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from similarity.commands import INSTALL, explain_error, format_fetch_command
from similarity.errors import Remedy, SimilarityError
from similarity.indexes import find_index_folder, read_weights
from similarity.methods import METHODS, Method, add_weights, bind_available_weights
from similarity.methods.base import check_package
from similarity.store.paths import parse_path
from similarity.store.publish import open_base_generation


@dataclass(frozen=True)
class SkippedMethod:
    """A method that is not built, the reason, and the command that helps."""

    method: Method
    reason: str
    remedy: str


def parse_weights(arguments: Sequence[str]) -> dict[str, str]:
    """Return copies of published weights by method, from METHOD=PATH, and register trained files.

    Raises SimilarityError for anything else.
    """
    copies_found = {}
    for argument in filter(str.strip, arguments):
        key, separator, path = argument.partition("=")
        if separator and key in METHODS and METHODS[key].published:
            copy = parse_path(path)
            copies_found[key] = str(copy.resolve()) if copy else ""
        else:
            add_weights(argument)
    return copies_found


def bind_methods(
    methods: Sequence[Method], required: Collection[str], copies: Mapping[str, str], folder: Path
) -> tuple[list[Method], list[SkippedMethod]]:
    """Return the methods with their weights, after those they depend on, and the skipped ones.

    Raises SimilarityError for a method in `required` whose package or weights are missing.
    """
    all_copies = {**_read_remembered_copies(folder), **copies}
    bound: dict[str, Method] = {}
    skipped = []
    for method in methods:
        try:
            check_package(method)
        except SimilarityError as error:
            if method.key in required:
                raise
            skipped.append(SkippedMethod(method, explain_error(error), INSTALL))
            continue
        try:
            _bind_method(method, all_copies, bound)
        except SimilarityError as error:
            if method.key in required:
                raise SimilarityError(
                    f"{method.title} can't be built: {error}.",
                    Remedy("fetch", methods=(method.key,)),
                ) from error
            skipped.append(SkippedMethod(method, str(error), format_fetch_command([method.key])))
    if unused := copies.keys() - bound.keys():
        raise SimilarityError(
            f"--weights names {', '.join(sorted(unused))}, which --methods doesn't contain."
        )
    ordered = sorted(bound.values(), key=lambda method: list(METHODS).index(method.key))
    return sorted(ordered, key=lambda method: method.pictures_by is not None), skipped


def _bind_method(method: Method, copies: Mapping[str, str], bound: dict[str, Method]) -> Method:
    if method.key not in bound:
        pictures_by = method.pictures_by and _bind_method(method.pictures_by, copies, bound)
        if method.published:
            bound[method.key] = bind_available_weights(
                method, copies.get(method.key, ""), pictures_by
            )
        else:
            bound[method.key] = method
    return bound[method.key]


def _read_remembered_copies(folder: Path) -> dict[str, str]:
    """Return the copies of weights that a catalogue's indexes were built with, by method."""
    copies = {}
    base = open_base_generation(folder)
    if base:
        for method in METHODS.values():
            if method.published:
                try:
                    copies[method.key] = read_weights(
                        base.folder_files(find_index_folder(method, base.sums))
                    ).copy
                except SimilarityError:  # not built, or damaged
                    continue
        base.close()
    return copies
