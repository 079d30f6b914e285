"""An index on disk: the files of its kind, and a manifest that says exactly what they are."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from similarity.errors import SimilarityError
from similarity.indexes.base import Rows, VectorIndex
from similarity.indexes.flat import FlatIndex
from similarity.indexes.pixels import PixelIndex
from similarity.methods import Method

KINDS: dict[str, type[VectorIndex]] = {"flat": FlatIndex, "pixels": PixelIndex}

FORMAT = 2  # of the folder; an index of another format is refused, never guessed at
MANIFEST = "manifest.json"
IDS = "ids.txt"
INDEXES = "indexes"  # the folder of a catalogue with one folder a method


def index_class(method: Method) -> type[VectorIndex]:
    """The kind of index that stores and searches this method's vectors."""
    return KINDS[method.index]


def fingerprint(ids: Iterable[str]) -> str:
    """One hash for a list of product ids in its order: which products an index is of."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def index_place(method: Method) -> str:
    """The folder of a method's index, relative to its catalogue's: one for each kind."""
    return f"{INDEXES}/{method.key}/{method.index}"


def write_index(folder: Path, method: Method, ids: list[str], blocks: Iterable[Rows]) -> None:
    """Write a whole index folder from stored rows that come in blocks, in the order of ids.

    The folder must not exist; it is the caller who moves it into its place when it is complete.
    """
    kind = index_class(method)
    folder.mkdir(parents=True)
    kind.write(folder, method.dim, len(ids), blocks)
    (folder / IDS).write_text("\n".join(ids), encoding="utf-8")
    files = sorted(p.name for p in folder.iterdir())
    manifest = {
        "format": FORMAT,
        "method": method.key,
        "revision": method.revision,
        "dim": method.dim,
        "count": len(ids),
        "kind": method.index,
        "exact": kind.exact,
        "catalogue": fingerprint(ids),
        "files": {name: _checksum(folder / name) for name in files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def read_manifest(folder: Path, method: Method) -> dict[str, Any]:
    """The manifest of an index that is whole and of this method's present revision.

    Raises SimilarityError that says what does not fit.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name, expected in (
            ("format", FORMAT),
            ("method", method.key),
            ("revision", method.revision),
            ("dim", method.dim),
            ("kind", method.index),
        ):
            if manifest[name] != expected:
                raise SimilarityError(f"its {name} is {manifest[name]!r}, not {expected!r}")
        if set(manifest["files"]) != {IDS, *index_class(method).files}:
            raise SimilarityError("its manifest lists other files than it is made of")
        for name, checksum in manifest["files"].items():
            if _checksum(folder / name) != checksum:
                raise SimilarityError(f"{name} is not the file that was written")
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(f"it is damaged ({type(error).__name__}: {error})") from error
    return manifest


def open_index(folder: Path, method: Method, catalogue: str) -> VectorIndex:
    """Open an index for searching; `catalogue` is the fingerprint it has to be of.

    Raises SimilarityError that says what does not fit.
    """
    manifest = read_manifest(folder, method)
    if manifest.get("catalogue") != catalogue:
        raise SimilarityError("it was built from other products than the catalogue now has")
    try:
        index = index_class(method).open(folder, method.dim)
    except Exception as error:  # whatever FAISS and numpy raise on a file that is none of theirs
        raise SimilarityError(f"it is damaged ({type(error).__name__}: {error})") from error
    if index.count != manifest.get("count"):
        raise SimilarityError(f"it holds {index.count} vectors, not {manifest.get('count')}")
    return index


def replace_folder(new: Path, place: Path) -> None:
    """Move a complete folder into its place; what stood there goes away last.

    If that fails, what stood there is put back.
    """
    old = place.with_name(place.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    try:
        new.rename(place)
    except BaseException:
        if old.exists():
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
