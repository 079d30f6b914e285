"""Exact cosine search over unit vectors in memory (FAISS IndexFlatIP)."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np

from similarity.filters import Selection
from similarity.indexes.base import (
    FileIndex,
    Files,
    Positions,
    Rows,
    Scores,
    UnitVectors,
    find_nearest,
)

FAISS_FILE = "index.faiss"  # contains the vectors
# FAISS's type stubs lack parameters of these classes
PARAMETERS: Any = faiss.SearchParameters
SELECTED: Any = faiss.IDSelectorArray


class FlatIndex(UnitVectors, FileIndex):
    """The kind for catalogues that one core can compare with in milliseconds."""

    exact = True

    def __init__(self, index: Any) -> None:
        self._faiss = index
        self.count: int = index.ntotal

    @staticmethod
    def write(folder: Path, dim: int, count: int, blocks: Iterable[Rows]) -> None:
        index = faiss.IndexFlatIP(dim)
        for block in blocks:
            index.add(np.ascontiguousarray(block))
        faiss.write_index(index, str(folder / FAISS_FILE))

    @classmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        return cls(read_flat(files.read(FAISS_FILE), dim, count))

    def read(self, positions: Positions) -> Rows:
        if len(positions) and not 0 <= positions.min() <= positions.max() < self.count:
            raise IndexError(positions)
        return np.asarray(self._faiss.reconstruct_batch(positions))

    def search(
        self, row: Rows, k: int, leave_out: int = -1, among: Selection | None = None
    ) -> tuple[Positions, Scores]:
        query = row[None].astype(np.float32)
        params = make_parameters(among)
        count = self.count if among is None else len(among.positions)

        def search_flat(limit: int) -> tuple[Scores, Positions]:
            scores, positions = self._faiss.search(query, limit, params=params)
            return scores[0], positions[0]

        return find_nearest(search_flat, count, k, leave_out)


def make_parameters(among: Selection | None) -> Any:
    """Return the parameters with which FAISS compares only the selected rows, none for all."""
    if among is None:
        return None
    return PARAMETERS(sel=SELECTED(among.positions))


def read_faiss(content: bytes) -> Any:
    """Read a FAISS index from a file's content. Raises RuntimeError if there is none."""
    reader = faiss.PyCallbackIOReader(io.BytesIO(content).read)  # type: ignore[attr-defined]
    return faiss.read_index(reader)


def read_flat(content: bytes, dim: int, count: int) -> Any:
    """Read a FAISS IndexFlatIP of a given shape.

    Raises ValueError for another kind or shape, and RuntimeError if there is no index.
    """
    index = read_faiss(content)
    if type(index) is not faiss.IndexFlatIP:
        raise ValueError(f"it is a {type(index).__name__}, not an IndexFlatIP")
    if (index.ntotal, index.d) != (count, dim):
        raise ValueError(f"it has shape {index.ntotal} x {index.d}, not {count} x {dim}")
    return index
