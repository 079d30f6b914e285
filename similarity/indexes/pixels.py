"""Exact cosine search over flattened pixels, without holding them in memory.

6,000 pictures as 224 x 224 x 3 floats are 3.6 GB. Here the pixels stay on disk as bytes (0.9 GB,
nothing lost: they are bytes) and memory holds a sketch of each: the means of its 7 x 7 blocks,
3,072 numbers, and how much these leave out of each of its 14 x 14 squares, 256 numbers. Block
means are an orthogonal projection P, also within a square s, so by Cauchy-Schwarz

    cos(x, y)  <=  <Px, Py> + sum over s of |x - Px|_s |y - Py|_s        (x, y of length 1)

is a bound that no picture exceeds, and it is the inner product of the two sketches. Pictures are
compared in full, from disk, in the order of their bounds, until the k-th best true cosine is above
every bound that is left: nothing that was passed over can belong to the answer. This is the
filter-and-refine search of Faloutsos, Ranganathan and Manolopoulos (SIGMOD 1994).
"""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
import numpy.typing as npt

from similarity.indexes.base import Built, Files, Positions, Rows, Scores, best
from similarity.indexes.bytes import cross, dots
from similarity.indexes.flat import read_flat
from similarity.indexes.stored import StoredRows, written
from similarity.methods import Vectors
from similarity.methods.pixels import SIDE

BLOCK, SQUARE = 7, 14
SMALL, FEW = SIDE // BLOCK, SIDE // SQUARE
SKETCH = SMALL * SMALL * 3 + FEW * FEW  # numbers
PIXELS = "pixels.npy"
SKETCHES = "sketches.faiss"
LENGTHS = "lengths.npy"
STEP = 8  # full comparisons at a time: of more, many would not have been needed
DIGITS = 12  # of a cosine: what is beyond them is rounding, and equal ones must stay equal
SLACK = 1e-5  # covers the rounding of the float32 bounds, some 1e-6


class PixelIndex(Built):
    """Rows are pixels as bytes (dim,); memory holds the sketches of unit pictures."""

    exact = True
    row_type = np.uint8

    def __init__(self, stored: StoredRows, sketches: Any, lengths: Rows) -> None:
        self._stored, self._sketches, self._lengths = stored, sketches, lengths
        self.count: int = sketches.ntotal

    @staticmethod
    def rows(vectors: Vectors) -> Rows:
        scaled = vectors * np.float32(255)
        return np.rint(scaled, out=scaled).astype(np.uint8)

    @staticmethod
    def cosines(rows: Rows, others: Rows) -> Scores:
        return _cosines(dots(rows, others), lengths(rows), lengths(others))

    @staticmethod
    def cross(rows: Rows, others: Rows) -> Scores:
        return _cosines(cross(rows, others), lengths(rows)[:, None], lengths(others))

    @staticmethod
    def write(folder: Path, dim: int, count: int, blocks: Iterable[Rows]) -> None:
        index = faiss.IndexFlatIP(SKETCH)
        found = [np.empty(0)]
        for block in written(folder / PIXELS, count, dim, np.uint8, blocks):
            index.add(_sketches(block))
            found.append(lengths(block))
        faiss.write_index(index, str(folder / SKETCHES))
        np.save(folder / LENGTHS, np.concatenate(found))

    @classmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        sketches = read_flat(files.read(SKETCHES), SKETCH, count)
        found = np.load(io.BytesIO(files.read(LENGTHS)), allow_pickle=False)
        if found.shape != (count,) or found.dtype != np.float64:
            raise ValueError(f"{LENGTHS} holds {found.shape} of {found.dtype}")
        with files.open(PIXELS) as file:
            return cls(StoredRows(file, PIXELS, count, dim, np.uint8), sketches, found)

    def read(self, positions: Positions) -> Rows:
        return self._stored.read(positions)

    def search(self, row: Rows, k: int, leave_out: int = -1) -> tuple[Positions, Scores]:
        length = lengths(row[None])[0]
        bounds, order = (
            found[0] for found in self._sketches.search(_sketches(row[None]), self.count)
        )
        keep = order != leave_out
        order, bounds = order[keep], bounds[keep] + SLACK
        if length == 0:  # all black: no direction, so no order among the others either
            order = np.sort(order)[:k]
            return order, np.zeros(len(order))
        scores = np.empty(0)
        for start in range(0, len(order), STEP):
            if start >= k and np.partition(scores, -k)[-k] > bounds[start]:
                break
            some = order[start : start + STEP]
            cosines = _cosines(dots(self._stored.read(some), row), self._lengths[some], length)
            scores = np.append(scores, cosines)
        return best(scores, order[: len(scores)], k)


def lengths(rows: Rows) -> npt.NDArray[np.float64]:
    """Of rows of bytes: (n, dim) gives (n,)."""
    return np.sqrt(dots(rows, rows))


def _cosines(dots: Rows, one: Rows, other: Rows) -> Scores:
    """Rounded, so that equal ones are equal; 0 where a picture is black."""
    whole = one * other
    return np.divide(dots, whole, np.zeros(dots.shape), where=whole > 0).round(DIGITS)


def _sketches(rows: Rows) -> Vectors:
    """Block means of unit pictures, and lengths of what they leave out of squares: (n, SKETCH)."""
    count = len(rows)
    # along the columns first, which lie together in memory: several times as fast
    columns = rows.reshape(count, SMALL, BLOCK, SIDE * 3).sum(2, dtype=np.uint16)
    sums = columns.reshape(count, SMALL, SMALL, BLOCK, 3).sum(3, dtype=np.int64)
    squares = np.multiply(rows, rows, dtype=np.uint16).reshape(count, FEW, SQUARE, SIDE * 3)
    squares = squares.sum(2, dtype=np.uint32).reshape(count, FEW, FEW, SQUARE * 3)
    kept = (sums**2).reshape(count, FEW, SQUARE // BLOCK, FEW, -1).sum((2, 4)) / BLOCK**2
    rest = np.sqrt(np.maximum(squares.sum(3, dtype=np.int64) - kept, 0))
    # Divided by BLOCK, not by BLOCK squared: the blocks' unit vectors are 1/BLOCK everywhere.
    sketch = np.hstack([sums.reshape(count, -1) / BLOCK, rest.reshape(count, -1)])
    whole = lengths(rows)[:, None]
    return (sketch / np.where(whole == 0, 1, whole)).astype(np.float32)
