"""Vectors that were computed elsewhere, by product: Parquet, CSV, or .npy beside a list of paths.

The table has a column `path` or `id` and a column `vector`: a list of numbers, in CSV as JSON. A
file X.npy has its paths in X.txt, one a line.
"""

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from similarity.errors import SimilarityError, get_reason
from similarity.methods.base import Vectors
from similarity.store.paths import parse_path

FORMATS = (".parquet", ".csv", ".npy")
NAMES, VECTOR = ("path", "id"), "vector"
MAX_BYTES = 20_000_000_000
MAX_DIM = 100_000
MAX_LISTED = 3  # names in a message

Names = Sequence[str]  # of a product: the paths of its files, and its id


def find_vectors(text: str) -> Path:
    """Return the path of a file of vectors. Raises SimilarityError if it can't be one."""
    path = parse_path(text) or Path()
    if path.suffix.lower() not in FORMATS:
        raise SimilarityError(f"'{text}' is not a file of vectors: use {', '.join(FORMATS)}.")
    if not path.is_file():
        raise SimilarityError(f"There is no file '{text}'.")
    if path.stat().st_size > MAX_BYTES:
        raise SimilarityError(f"'{text}' is larger than {MAX_BYTES / 1e9:g} GB.")
    return path.resolve()


def list_parts(path: Path) -> list[Path]:
    """Return a file of vectors and, for .npy, the list of its paths. Raises SimilarityError."""
    if path.suffix.lower() != ".npy":
        return [path]
    names = path.with_suffix(".txt")
    if not names.is_file():
        raise SimilarityError(f"There is no list of paths '{names.name}' beside '{path.name}'.")
    return [path, names]


class VectorFile:
    """The vectors of a file by path or product id. `count` and `dim` are their shape.

    Raises SimilarityError that names the rows that can't be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            names, vectors = _read(path)
            self._names = [name.replace("\\", "/").removeprefix("./") for name in names]
            self._vectors = self._check(vectors)
        except SimilarityError:
            raise
        except Exception as error:  # readers raise many kinds for damaged files
            raise SimilarityError(
                f"'{path.name}' can't be read ({type(error).__name__}: {get_reason(error)})."
            ) from error
        self.count, self.dim = self._vectors.shape
        self._positions = {name: position for position, name in enumerate(self._names)}

    def read(self, names: Sequence[Names]) -> Vectors:
        """Return the vectors of products, each with the names it may have: float32 (n, dim)."""
        positions = [position for each in names if (position := self._find(each)) is not None]
        return np.asarray(self._vectors[positions], np.float32)

    def require(self, names: Sequence[Names]) -> None:
        """Raise SimilarityError that names the products without a vector."""
        missing = [each[0] for each in names if self._find(each) is None]
        if missing:
            raise SimilarityError(
                f"'{self._path.name}' has no vector for {len(missing):,} of {len(names):,} "
                f"products: {_list_names(missing)}."
            )

    def count_unused(self, names: Collection[str]) -> int:
        """Return how many vectors have none of these names."""
        return len(self._positions.keys() - set(names))

    def _find(self, names: Names) -> int | None:
        return next((self._positions[name] for name in names if name in self._positions), None)

    def _check(self, vectors: Sequence[Any]) -> Vectors:
        if not len(self._names):
            raise SimilarityError(f"'{self._path.name}' has no vectors.")
        if len(self._names) != len(vectors):
            raise SimilarityError(
                f"'{self._path.name}' has {len(vectors):,} vectors and {len(self._names):,} paths."
            )
        self._refuse("are there more than once", _find_duplicates(self._names))
        widths = [len(vector) if vector is not None else 0 for vector in vectors]
        width = max(set(widths), key=widths.count)
        if not 1 <= width <= MAX_DIM:
            raise SimilarityError(f"'{self._path.name}' has vectors of {width:,} numbers.")
        self._refuse(
            f"don't have {width:,} numbers, as most have",
            [name for name, other in zip(self._names, widths, strict=True) if other != width],
        )
        table = (
            vectors
            if isinstance(vectors, np.ndarray) and vectors.ndim == 2
            else np.stack([np.asarray(vector, np.float32) for vector in vectors])
        )
        finite = [bool(np.isfinite(row).all()) for row in table]
        self._refuse("have infinite or missing numbers", self._select(finite))
        self._refuse("are all zeros", self._select([bool(row.any()) for row in table]))
        return table

    def _select(self, is_fine: Sequence[bool]) -> list[str]:
        return [name for name, fine in zip(self._names, is_fine, strict=True) if not fine]

    def _refuse(self, reason: str, names: Sequence[str]) -> None:
        if names:
            raise SimilarityError(
                f"{len(names):,} vectors in '{self._path.name}' {reason}: {_list_names(names)}."
            )


def _read(path: Path) -> tuple[list[str], Sequence[Any]]:
    if path.suffix.lower() == ".npy":
        _, names = list_parts(path)
        vectors = np.load(path, mmap_mode="r", allow_pickle=False)
        if vectors.ndim != 2 or vectors.dtype.kind not in "fiu":
            raise SimilarityError(
                f"'{path.name}' has shape {vectors.shape} and type {vectors.dtype}, not numbers of "
                "shape (n, dim)."
            )
        return names.read_text(encoding="utf-8-sig").splitlines(), vectors
    import pandas as pd

    if path.suffix.lower() == ".csv":
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    else:
        table = pd.read_parquet(path)
    column = next((name for name in NAMES if name in table), None)
    if column is None or VECTOR not in table:
        raise SimilarityError(
            f"'{path.name}' needs a column 'path' or 'id', and a column 'vector'. It has: "
            f"{_list_names([str(name) for name in table])}."
        )
    vectors = table[VECTOR].tolist()
    if path.suffix.lower() == ".csv":
        vectors = [json.loads(text) for text in vectors]
    return [str(name) for name in table[column]], vectors


def _find_duplicates(names: Sequence[str]) -> list[str]:
    seen_names: set[str] = set()
    duplicates: dict[str, None] = {}
    for name in names:
        if name in seen_names:
            duplicates[name] = None
        seen_names.add(name)
    return list(duplicates)


def _list_names(names: Sequence[str]) -> str:
    """Return the first few names, which come from a file, as readable text."""
    texts = ["".join(c if c.isprintable() else "?" for c in name[:80]) for name in names]
    more = f" and {len(names) - MAX_LISTED:,} more" if len(names) > MAX_LISTED else ""
    return ", ".join(f"'{text}'" for text in texts[:MAX_LISTED]) + more
