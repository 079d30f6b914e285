"""The files of an index: those of its kind, and a manifest that describes them."""

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from similarity.candidates.method import make_method
from similarity.errors import SimilarityError
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.base import (
    IDS_FILE,
    Facts,
    FileIndex,
    Files,
    Rows,
    VectorIndex,
    compute_fingerprint,
)
from similarity.indexes.flat import FlatIndex
from similarity.indexes.milvus.index import MilvusCells, MilvusIndex
from similarity.indexes.pairs import Kind, RandomPairs, is_pairs, read_pairs, write_pairs
from similarity.indexes.pixels import PixelIndex
from similarity.methods import METHODS, Method, Weights, bind_weights
from similarity.methods.candidate import read_candidate, to_facts
from similarity.store.generations import Generation

KINDS: dict[str, type[VectorIndex]] = {
    "flat": FlatIndex,
    "pixels": PixelIndex,
    "approximate": ApproximateIndex,
    "milvus": MilvusIndex,
    "milvus-cells": MilvusCells,
}
ROW_TYPES: dict[str, type[FileIndex]] = {"flat": FlatIndex, "pixels": PixelIndex}
EXACT_LIMIT = 40_000_000  # numbers that a core compares with in 10 ms: 160 MB

FORMAT = 3  # of the folder; other formats are refused
MANIFEST = "manifest.json"
INDEXES = "indexes"  # a generation's folder of indexes, one folder per method


def get_row_kind(method: Method) -> type[FileIndex]:
    """Return the class that converts a method's vectors to rows and compares them."""
    return ROW_TYPES[method.index]


def list_kinds(method: Method) -> Sequence[str]:
    """List the kinds of index that a method can have.

    In order: local exact, local approximate, Milvus exact, Milvus approximate. Pixels have only
    one, because their vectors are too long for the others.
    """
    return (
        ("flat", "approximate", "milvus", "milvus-cells")
        if method.index == "flat"
        else (method.index,)
    )


def choose_kind(method: Method, count: int, exact: bool = False, milvus: bool = False) -> str:
    """Return the kind of index for `count` products: approximate if exact search exceeds 10 ms."""
    kinds = list_kinds(method)
    if len(kinds) == 1:
        return kinds[0]
    is_large = not exact and count * method.dim > EXACT_LIMIT
    return kinds[2 * milvus + is_large]


def get_kind_folder(method: Method, kind: str) -> str:
    """Return the folder of a method's index of some kind, within a generation."""
    return f"{INDEXES}/{method.key}/{kind}"


def find_index_folder(method: Method, paths: Container[str]) -> str:
    """Return the folder of a method's index in a generation with these files."""
    folders = [get_kind_folder(method, kind) for kind in list_kinds(method)]
    return next((folder for folder in folders if f"{folder}/{MANIFEST}" in paths), folders[0])


def write_index(
    folder: Path,
    method: Method,
    ids: Sequence[str],
    blocks: Iterable[Rows],
    pairs: Mapping[Kind, RandomPairs],
    precision: str = "fp32",
) -> None:
    """Write the folder of an exact index from blocks of rows in the order of `ids`.

    The rows were computed by a network in `precision`. The folder must not exist.
    """
    folder.mkdir(parents=True)
    get_row_kind(method).write(folder, method.dim, len(ids), blocks)
    write_manifest(folder, method, method.index, ids, pairs, {"precision": precision})


def write_manifest(
    folder: Path,
    method: Method,
    kind: str,
    ids: Sequence[str],
    pairs: Mapping[Kind, RandomPairs],
    facts: Facts,
) -> None:
    """Write the files that every kind of index has, next to the kind's own files.

    `facts` are the manifest's entries specific to this kind.
    """
    (folder / IDS_FILE).write_text("\n".join(ids), encoding="utf-8")
    manifest = _expected_manifest(method, kind)
    manifest |= {"count": len(ids), "catalogue": compute_fingerprint(ids), **facts}
    manifest["pairs"] = write_pairs(folder, pairs)
    if method.bound_weights:
        manifest["weights"] = asdict(method.bound_weights)
    if method.candidate:
        manifest["candidate"] = to_facts(method.candidate)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def open_index(
    files: Files, method: Method, catalogue: str, shared: VectorIndex | None = None
) -> VectorIndex:
    """Open an index for searching; `catalogue` is the fingerprint that it must have.

    `shared` is an opened index with the same rows, whose memory is then shared. Raises
    SimilarityError that says what doesn't fit.
    """
    manifest = read_manifest(files, method, catalogue)
    try:
        kind, count = KINDS[manifest["kind"]], int(manifest["count"])
        index = copy(shared) if shared else kind.open(files, method.dim, count)
        index.configure(manifest)
        index.pairs = read_pairs(files.read, manifest["pairs"])
        # older manifests have no precision
        index.precision = str(manifest.get("precision", "fp32"))
        index.candidate = manifest.get("candidate")
        return index
    except SimilarityError:
        raise
    except Exception as error:  # FAISS and numpy may raise anything on a damaged file
        raise SimilarityError(f"it is damaged ({type(error).__name__}: {error})") from error


def read_manifest(files: Files, method: Method, catalogue: str) -> dict[str, Any]:
    """Read an index's manifest.

    Raises SimilarityError unless it belongs to the method's current revision and to the products
    with the fingerprint `catalogue`.
    """
    content = files.read(MANIFEST)
    try:
        manifest = json.loads(content)
        kinds = list_kinds(method)
        kind = manifest["kind"] if manifest["kind"] in kinds else kinds[0]
        for name, expected in _expected_manifest(method, kind).items():
            if manifest[name] != expected:
                raise SimilarityError(f"its {name} is {manifest[name]!r}, not {expected!r}")
        if manifest["catalogue"] != catalogue:
            raise SimilarityError("the catalogue's products have changed since it was built")
        return manifest
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(f"it is damaged ({type(error).__name__}: {error})") from error


def select_row_files(names: Iterable[str]) -> list[str]:
    """Return those files of an index that hold its rows."""
    return [name for name in names if name not in (MANIFEST, IDS_FILE) and not is_pairs(name)]


def read_weights(files: Files) -> Weights:
    """Return the published weights that an index was built with.

    Doesn't check that the weights are still there; loading them does. Raises SimilarityError if the
    manifest doesn't name them.
    """
    content = files.read(MANIFEST)
    try:
        values = json.loads(content)["weights"]
        weights = Weights(**values)
        if isinstance(weights.copy, str) and re.fullmatch("[0-9a-f]{64}", weights.sha256):
            return weights
        raise ValueError(values)
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError("it doesn't state which weights it was built with") from error


def bind_as_built(generation: Generation, method: Method) -> Method:
    """Return a method with the published weights that its index in a generation was built with.

    Methods without published weights are returned unchanged. Raises SimilarityError if the index
    doesn't name its weights.
    """
    if method.published is None:
        return method
    pictures_by = method.pictures_by and bind_as_built(generation, method.pictures_by)
    weights = read_weights(generation.folder_files(find_index_folder(method, generation.sums)))
    return bind_weights(method, weights, pictures_by)


def list_methods(generation: Generation) -> dict[str, Method]:
    """Return the methods that a generation may have indexes of, by key.

    The product's own come first, not bound to weights; then those that users brought, as their
    manifests describe them. Records that are damaged are left out.
    """
    candidates: dict[str, Method] = {}
    titles = {method.title for method in METHODS.values()}
    for path in generation.sums.list_paths(f"{INDEXES}/"):
        parts = path.split("/")
        if len(parts) != 4 or (parts[0], parts[3]) != (INDEXES, MANIFEST) or parts[1] in METHODS:
            continue
        try:
            manifest = json.loads(generation.read(path))
            method = make_method(read_candidate(manifest.get("candidate"), parts[1]))
        except (SimilarityError, ValueError, AttributeError, RecursionError):
            continue
        if method.title in titles:  # colours and tables are by title
            method = replace(method, title=f"{method.title} ({method.key})")
        titles.add(method.title)
        candidates[method.key] = method
    return METHODS | dict(sorted(candidates.items()))


def list_built_methods(generation: Generation, catalogue: str) -> list[Method]:
    """List the methods that have an up-to-date index, with the weights of that index.

    `catalogue` is the fingerprint of the products that an index must have.
    """
    methods = []
    for method in list_methods(generation).values():
        try:
            bound_method = bind_as_built(generation, method)
            open_built_index(generation, bound_method, catalogue)
            methods.append(bound_method)
        except SimilarityError:
            continue
    return methods


def open_built_index(generation: Generation, method: Method, catalogue: str) -> VectorIndex:
    """Open the index of a method from `list_built_methods`."""
    files = generation.folder_files(find_index_folder(method, generation.sums))
    return open_index(files, method, catalogue)


def _expected_manifest(method: Method, kind: str) -> dict[str, Any]:
    """Return the manifest entries that an index of this kind and method must have."""
    return {
        "format": FORMAT,
        "method": method.key,
        "revision": method.vectors_revision,
        "dim": method.dim,
        "kind": kind,
        "exact": KINDS[kind].exact,
    }
