"""Exact cosine search over unit vectors that fit into memory (FAISS IndexFlatIP)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import faiss
import numpy as np
import numpy.typing as npt

from similarity.methods import Vectors

VECTORS = "vectors.npy"
FAISS_FILE = "index.faiss"

Positions = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1, so that an inner product is a cosine: (n, dim) -> (n, dim).

    A zero vector (an all-black picture under `pixels`) has no direction and stays zero: its
    cosine with everything is reported as 0.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32, copy=False)


def best(scores: Scores, positions: Positions, k: int) -> tuple[Positions, Scores]:
    """The k highest, equal scores in catalogue order: an answer never depends on chance."""
    order = np.lexsort((positions, -scores))[:k]
    return positions[order], scores[order]


class VectorIndex:
    """Exact cosine search over unit vectors (FAISS IndexFlatIP)."""

    row_type: ClassVar[type] = np.float32  # what a row of vectors.npy is made of
    files: ClassVar[tuple[str, ...]] = (VECTORS, FAISS_FILE)

    def __init__(self, folder: Path, dim: int) -> None:
        self._faiss = faiss.read_index(str(folder / FAISS_FILE))
        self.count: int = self._faiss.ntotal

    @staticmethod
    def rows(vectors: Vectors) -> npt.NDArray[Any]:
        """What is stored of a batch of a method's vectors (n, dim)."""
        return unit(vectors)

    @staticmethod
    def write(folder: Path, dim: int, blocks: Iterable[npt.NDArray[Any]]) -> None:
        """Write the search file from all stored rows, which come in blocks of (n, dim)."""
        index = faiss.IndexFlatIP(dim)
        for block in blocks:
            index.add(np.ascontiguousarray(block))
        faiss.write_index(index, str(folder / FAISS_FILE))

    def row(self, position: int) -> npt.NDArray[Any]:
        """The stored row of one product: (dim,)."""
        return np.asarray(self._faiss.reconstruct(int(position)))

    def search(
        self, row: npt.NDArray[Any], k: int, leave_out: int = -1
    ) -> tuple[Positions, Scores]:
        """The k nearest to a stored or a query's row, best first; `leave_out` is no candidate.

        Returns positions (k,) and cosines (k,), fewer where the index holds fewer.
        """
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
