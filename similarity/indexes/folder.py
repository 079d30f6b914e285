"""An index on disk: the files of its kind, and a manifest that says exactly what they are."""

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import asdict
from pathlib import Path
from typing import Any

from similarity.errors import SimilarityError
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.base import IDS, Built, Facts, Files, Rows, VectorIndex, fingerprint
from similarity.indexes.flat import FlatIndex
from similarity.indexes.milvus.index import MilvusCells, MilvusIndex
from similarity.indexes.pairs import Kind, RandomPairs, is_pairs, read_pairs, write_pairs
from similarity.indexes.pixels import PixelIndex
from similarity.methods import METHODS, Method, Weights, bound
from similarity.store.generations import Generation

KINDS: dict[str, type[VectorIndex]] = {
    "flat": FlatIndex,
    "pixels": PixelIndex,
    "approximate": ApproximateIndex,
    "milvus": MilvusIndex,
    "milvus-cells": MilvusCells,
}
BUILT: dict[str, type[Built]] = {"flat": FlatIndex, "pixels": PixelIndex}
EXACT_UP_TO = 40_000_000  # numbers in all that a core compares with in 10 ms: 160 MB

FORMAT = 3  # of the folder; an index of another format is refused, never guessed at
MANIFEST = "manifest.json"
INDEXES = "indexes"  # the folder of a generation with one folder a method


def index_class(method: Method) -> type[Built]:
    """What says how this method's vectors are stored and compared, however they are searched."""
    return BUILT[method.index]


def kinds_of(method: Method) -> Sequence[str]:
    """The kinds of index that a method can have: here for few and for many products, in Milvus for
    few and for many. Pixels have one: their vectors are too long for the others."""
    return (
        ("flat", "approximate", "milvus", "milvus-cells")
        if method.index == "flat"
        else (method.index,)
    )


def index_kind(method: Method, count: int, exact: bool = False, milvus: bool = False) -> str:
    """The kind of index for so many products: approximate if exact search takes over 10 ms."""
    kinds = kinds_of(method)
    if len(kinds) == 1:
        return kinds[0]
    large = not exact and count * method.dim > EXACT_UP_TO
    return kinds[2 * milvus + large]


def place_of(method: Method, kind: str) -> str:
    """The folder of a method's index of some kind in a generation."""
    return f"{INDEXES}/{method.key}/{kind}"


def index_place(method: Method, listed: Container[str]) -> str:
    """The folder of a method's index in a generation that lists these files."""
    places = [place_of(method, kind) for kind in kinds_of(method)]
    return next((place for place in places if f"{place}/{MANIFEST}" in listed), places[0])


def write_index(
    folder: Path,
    method: Method,
    ids: Sequence[str],
    blocks: Iterable[Rows],
    pairs: Mapping[Kind, RandomPairs],
    precision: str = "fp32",
) -> None:
    """Write a whole folder of an exact index from rows that come in blocks, in the order of ids.

    A network made them in `precision`. The folder must not exist.
    """
    folder.mkdir(parents=True)
    index_class(method).write(folder, method.dim, len(ids), blocks)
    write_manifest(folder, method, method.index, ids, pairs, {"precision": precision})


def write_manifest(
    folder: Path,
    method: Method,
    kind: str,
    ids: Sequence[str],
    pairs: Mapping[Kind, RandomPairs],
    facts: Facts,
) -> None:
    """Write what every kind of index has beside its own files, which are there already.

    `facts` is what there is to say of an index of this kind.
    """
    (folder / IDS).write_text("\n".join(ids), encoding="utf-8")
    manifest = _expected(method, kind)
    manifest |= {"count": len(ids), "catalogue": fingerprint(ids), **facts}
    manifest["pairs"] = write_pairs(folder, pairs)
    if method.at:
        manifest["weights"] = asdict(method.at)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def open_index(
    files: Files, method: Method, catalogue: str, same: VectorIndex | None = None
) -> VectorIndex:
    """Open an index for searching; `catalogue` is the fingerprint it has to be of.

    `same` is an opened one with the very same rows, which then take no memory twice.

    Raises SimilarityError that says what does not fit.
    """
    manifest = read_manifest(files, method, catalogue)
    try:
        kind, count = KINDS[manifest["kind"]], int(manifest["count"])
        index = copy(same) if same else kind.open(files, method.dim, count)
        index.told(manifest)
        index.pairs = read_pairs(files.read, manifest["pairs"])
        index.precision = str(manifest.get("precision", "fp32"))  # older ones had no other
        return index
    except SimilarityError:
        raise
    except Exception as error:  # whatever FAISS and numpy raise on a file that is none of theirs
        raise SimilarityError(f"it is damaged ({type(error).__name__}: {error})") from error


def read_manifest(files: Files, method: Method, catalogue: str) -> dict[str, Any]:
    """What an index says of itself. Raises SimilarityError unless it is of this method as it is
    now and of the products with this fingerprint."""
    content = files.read(MANIFEST)
    try:
        manifest = json.loads(content)
        kinds = kinds_of(method)
        kind = manifest["kind"] if manifest["kind"] in kinds else kinds[0]
        for name, expected in _expected(method, kind).items():
            if manifest[name] != expected:
                raise SimilarityError(f"its {name} is {manifest[name]!r}, not {expected!r}")
        if manifest["catalogue"] != catalogue:
            raise SimilarityError("it was built from other products than the catalogue now has")
        return manifest
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(f"it is damaged ({type(error).__name__}: {error})") from error


def row_files(names: Iterable[str]) -> list[str]:
    """Those files of an index that hold its rows."""
    return [name for name in names if name not in (MANIFEST, IDS) and not is_pairs(name)]


def read_weights(files: Files) -> Weights:
    """The published weights that an index was made with. Raises SimilarityError if it tells none.

    They are what it says: whether they lie there still shows when they are loaded.
    """
    content = files.read(MANIFEST)
    try:
        told = json.loads(content)["weights"]
        found = Weights(**told)
        if isinstance(found.copy, str) and re.fullmatch("[0-9a-f]{64}", found.sha256):
            return found
        raise ValueError(told)
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError("it does not tell which weights it was made with") from error


def as_built(generation: Generation, method: Method) -> Method:
    """A method bound to the published weights that its index in a generation was made with.

    One without published weights is what it is. Raises SimilarityError if the index can't tell.
    """
    if method.published is None:
        return method
    pictures_by = method.pictures_by and as_built(generation, method.pictures_by)
    weights = read_weights(generation.part(index_place(method, generation.sums)))
    return bound(method, weights, pictures_by)


def built_methods(generation: Generation, catalogue: str) -> list[Method]:
    """The methods, as their indexes have them, of which there is one as they are now.

    `catalogue` is the fingerprint of the products that they have to be of.
    """
    found = []
    for method in METHODS.values():
        try:
            made = as_built(generation, method)
            open_built(generation, made, catalogue)
            found.append(made)
        except SimilarityError:
            continue
    return found


def open_built(generation: Generation, method: Method, catalogue: str) -> VectorIndex:
    """The index of a method of `built_methods`."""
    files = generation.part(index_place(method, generation.sums))
    return open_index(files, method, catalogue)


def _expected(method: Method, kind: str) -> dict[str, Any]:
    """What a manifest says of every index of this kind of the method as it is now."""
    return {
        "format": FORMAT,
        "method": method.key,
        "revision": method.revision,
        "dim": method.dim,
        "kind": kind,
        "exact": KINDS[kind].exact,
    }
