"""Exact cosine search over unit vectors that fit into memory (FAISS IndexFlatIP)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np

from similarity.indexes.base import Positions, Rows, Scores, VectorIndex, best, unit
from similarity.methods import Vectors

FAISS_FILE = "index.faiss"  # holds the vectors themselves


class FlatIndex(VectorIndex):
    """Rows are unit vectors, float32 (dim,)."""

    exact = True
    row_type = np.float32
    files = (FAISS_FILE,)

    def __init__(self, index: Any) -> None:
        self._faiss = index
        self.count: int = index.ntotal

    @staticmethod
    def rows(vectors: Vectors) -> Rows:
        return unit(vectors)

    @staticmethod
    def write(folder: Path, dim: int, count: int, blocks: Iterable[Rows]) -> None:
        index = faiss.IndexFlatIP(dim)
        for block in blocks:
            index.add(np.ascontiguousarray(block))
        faiss.write_index(index, str(folder / FAISS_FILE))

    @classmethod
    def open(cls, folder: Path, dim: int) -> Self:
        return cls(faiss.read_index(str(folder / FAISS_FILE)))

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
