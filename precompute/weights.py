"""Which weights a build uses: those that the command names, that the catalogue remembers, or that
were fetched."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from similarity.commands import INSTALL, explain_error, fetch_command
from similarity.errors import Remedy, SimilarityError
from similarity.indexes import index_place, read_weights
from similarity.methods import METHODS, Method, add_weights, bind
from similarity.methods.base import check_package
from similarity.store.publish import present


@dataclass(frozen=True)
class LeftOut:
    """A method that is not built, why, and the command that helps."""

    method: Method
    why: str
    remedy: str


def copies(given: Sequence[str]) -> dict[str, str]:
    """Copies of published weights by method, from METHOD=PATH; trained files become methods.

    Raises SimilarityError for what is neither.
    """
    found = {}
    for each in given:
        key, named, path = each.partition("=")
        if named and key in METHODS and METHODS[key].published:
            found[key] = str(Path(path).expanduser().resolve()) if path else ""
        else:
            add_weights(each)
    return found


def bound_methods(
    methods: Sequence[Method], named: Collection[str], given: Mapping[str, str], folder: Path
) -> tuple[list[Method], list[LeftOut]]:
    """The methods with their weights, each after the one whose pictures it needs; and the others.

    Raises SimilarityError for one whose key is `named` and whose package or weights are missing.
    """
    remembered = {**_remembered(folder), **given}
    found: dict[str, Method] = {}
    left_out = []
    for method in methods:
        try:
            check_package(method)
        except SimilarityError as error:
            if method.key in named:
                raise
            left_out.append(LeftOut(method, explain_error(error), INSTALL))
            continue
        try:
            _bind(method, remembered, found)
        except SimilarityError as error:
            if method.key in named:
                raise SimilarityError(
                    f"{method.title} can't be built: {error}.",
                    Remedy("fetch", methods=(method.key,)),
                ) from error
            left_out.append(LeftOut(method, str(error), fetch_command([method.key])))
    if unused := given.keys() - found.keys():
        raise SimilarityError(
            f"--weights names {', '.join(sorted(unused))}, which --methods leaves out."
        )
    ordered = sorted(found.values(), key=lambda method: list(METHODS).index(method.key))
    return sorted(ordered, key=lambda method: method.pictures_by is not None), left_out


def _bind(method: Method, places: Mapping[str, str], found: dict[str, Method]) -> Method:
    if method.key not in found:
        other = method.pictures_by and _bind(method.pictures_by, places, found)
        if method.published:
            found[method.key] = bind(method, places.get(method.key, ""), other)
        else:
            found[method.key] = method
    return found[method.key]


def _remembered(folder: Path) -> dict[str, str]:
    """The copies of weights that a catalogue's indexes were made with, by method."""
    places = {}
    old = present(folder)
    if old:
        for method in METHODS.values():
            if method.published:
                try:
                    places[method.key] = read_weights(old.part(index_place(method, old.sums))).copy
                except SimilarityError:  # not built, or damaged
                    continue
        old.close()
    return places
