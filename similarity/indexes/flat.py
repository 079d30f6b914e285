"""Exact cosine search over unit vectors that fit into memory (FAISS IndexFlatIP)."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np

from similarity.indexes.base import Files, Positions, Rows, Scores, VectorIndex, best, unit
from similarity.methods import Vectors

FAISS_FILE = "index.faiss"  # holds the vectors themselves


class FlatIndex(VectorIndex):
    """Rows are unit vectors, float32 (dim,)."""

    exact = True
    row_type = np.float32

    def __init__(self, index: Any) -> None:
        self._faiss = index
        self.count: int = index.ntotal

    @staticmethod
    def rows(vectors: Vectors) -> Rows:
        return unit(vectors)

    @staticmethod
    def cosines(rows: Rows, others: Rows) -> Scores:
        return np.einsum("ij,ij->i", rows, others, dtype=np.float64)

    @staticmethod
    def write(folder: Path, dim: int, count: int, blocks: Iterable[Rows]) -> None:
        index = faiss.IndexFlatIP(dim)
        for block in blocks:
            index.add(np.ascontiguousarray(block))
        faiss.write_index(index, str(folder / FAISS_FILE))

    @classmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        return cls(read_flat(files.read(FAISS_FILE), dim, count))

    def row(self, position: int) -> Rows:
        if not 0 <= position < self.count:
            raise IndexError(position)
        return np.asarray(self._faiss.reconstruct(int(position)))

    def search(self, row: Rows, k: int, leave_out: int = -1) -> tuple[Positions, Scores]:
        wanted = k + 32
        while True:
            wanted = min(wanted, self.count)
            found = self._faiss.search(row[None].astype(np.float32), wanted)
            keep = found[1][0] != leave_out
            scores, positions = found[0][0][keep].astype(np.float64), found[1][0][keep]
            # FAISS keeps any of several equal scores: ask for more until none is cut off.
            if wanted == self.count or scores[k - 1] > scores[-1]:
                return best(scores, positions, k)
            wanted *= 2


def read_flat(content: bytes, dim: int, count: int) -> Any:
    """A FAISS IndexFlatIP of that shape. Raises ValueError for any other, RuntimeError for none."""
    reader = faiss.PyCallbackIOReader(io.BytesIO(content).read)  # type: ignore[attr-defined]
    index = faiss.read_index(reader)
    if type(index) is not faiss.IndexFlatIP:
        raise ValueError(f"it is a {type(index).__name__}, not an IndexFlatIP")
    if (index.ntotal, index.d) != (count, dim):
        raise ValueError(f"it is {index.ntotal} x {index.d}, not {count} x {dim}")
    return index
