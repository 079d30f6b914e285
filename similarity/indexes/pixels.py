"""Exact cosine search over flattened pixels, without holding them in memory.

6,000 pictures as 224 x 224 x 3 floats are 3.6 GB. Here the pixels stay on disk as bytes (0.9 GB,
nothing lost: they are bytes) and memory holds a small picture of each, the means of its 7 x 7
blocks: 3,072 numbers. Block means are an orthogonal projection, so by Cauchy-Schwarz

    cos(x, y)  <=  <Px, Py> + |x - Px| |y - Py|        (x, y of length 1)

is a bound that no picture exceeds. Pictures are compared in full, from disk, in the order of
their bounds, until the k-th best true cosine is above every bound that is left: nothing that was
passed over can belong to the answer. This is the filter-and-refine search of Faloutsos,
Ranganathan and Manolopoulos (SIGMOD 1994).
"""

import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
import numpy.typing as npt

from similarity.indexes.base import Files, Positions, Rows, Scores, VectorIndex, best
from similarity.indexes.flat import read_flat
from similarity.methods import Vectors
from similarity.methods.pixels import SIDE

BLOCK = 7
SMALL = SIDE // BLOCK
PIXELS = "pixels.npy"
MEANS = "means.faiss"
LENGTHS = "lengths.npy"
HEADER_START = np.lib.format.magic(1, 0)
STEP = 32  # full comparisons at a time
DIGITS = 12  # of a cosine: what is beyond them is rounding, and equal ones must stay equal
SLACK = 1e-5  # covers the rounding of the float32 bounds, some 1e-6


class PixelIndex(VectorIndex):
    """Rows are pixels as bytes (dim,); memory holds the block means of unit pictures."""

    exact = True
    row_type = np.uint8

    def __init__(self, file: int, offset: int, dim: int, means: Any, lengths: Rows) -> None:
        # Read by position, not mapped: mapped pages would count as this process's memory.
        self._file, self._offset, self._dim = file, offset, dim
        self._means = means
        self._lengths, self._rest = lengths.T  # (n, 2): whole, and left over
        self.count: int = means.ntotal

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    @staticmethod
    def rows(vectors: Vectors) -> Rows:
        return np.rint(vectors * 255).astype(np.uint8)

    @staticmethod
    def write(folder: Path, dim: int, count: int, blocks: Iterable[Rows]) -> None:
        index = faiss.IndexFlatIP(SMALL * SMALL * 3)
        lengths = [np.empty((0, 2))]
        with (folder / PIXELS).open("wb") as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": (count, dim)}
            np.lib.format.write_array_header_1_0(file, header)
            for block in blocks:
                file.write(np.ascontiguousarray(block, np.uint8).data)
                means, both = _reduce(block)
                index.add(means)
                lengths.append(both)
        faiss.write_index(index, str(folder / MEANS))
        np.save(folder / LENGTHS, np.concatenate(lengths))

    @classmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        means = read_flat(files.read(MEANS), SMALL * SMALL * 3, count)
        lengths = np.load(io.BytesIO(files.read(LENGTHS)), allow_pickle=False)
        if lengths.shape != (count, 2) or lengths.dtype != np.float64:
            raise ValueError(f"{LENGTHS} holds {lengths.shape} of {lengths.dtype}")
        with files.open(PIXELS) as file:
            if file.read(len(HEADER_START)) != HEADER_START:
                raise ValueError(f"{PIXELS} is no array")
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
            offset = file.tell()
            size = os.fstat(file.fileno()).st_size - offset
            if (shape, fortran, dtype, size) != ((count, dim), False, np.uint8, count * dim):
                raise ValueError(f"{PIXELS} holds {shape} of {dtype} in {size} bytes")
            return cls(os.dup(file.fileno()), offset, dim, means, lengths)

    def row(self, position: int) -> Rows:
        if not 0 <= position < self.count:
            raise IndexError(position)
        content = os.pread(self._file, self._dim, self._offset + int(position) * self._dim)
        return np.frombuffer(content, np.uint8)

    def search(self, row: Rows, k: int, leave_out: int = -1) -> tuple[Positions, Scores]:
        means, lengths = _reduce(row[None])
        length, rest = lengths[0]
        small, order = self._means.search(means, self.count)
        order, bounds = order[0], small[0] + rest * self._rest[order[0]] + SLACK
        keep = order != leave_out
        order, bounds = order[keep], bounds[keep]
        if length == 0:  # all black: no direction, so no order among the others either
            order = np.sort(order)[:k]
            return order, np.zeros(len(order))
        by_bound = np.argsort(-bounds, kind="stable")
        order, bounds = order[by_bound], bounds[by_bound]

        scores = np.empty(0)
        for start in range(0, len(order), STEP):
            if start >= k and np.partition(scores, -k)[-k] > bounds[start]:
                break
            some = order[start : start + STEP]
            # Bytes times bytes, summed as whole numbers: exact, and one thread is enough. A BLAS
            # call on so little waits for its other threads wherever the machine has more to do.
            dots = np.array([int_dot(row, self.row(p)) for p in some], np.float64)
            whole = length * self._lengths[some]
            cosines = np.divide(dots, whole, np.zeros(len(some)), where=whole > 0)
            scores = np.append(scores, cosines.round(DIGITS))
        return best(scores, order[: len(scores)], k)


def int_dot(one: Rows, other: Rows) -> int:
    """The inner product of two rows of bytes, exactly."""
    return int(np.multiply(one, other, dtype=np.uint16).sum(dtype=np.int64))


def _reduce(rows: Rows) -> tuple[Vectors, npt.NDArray[np.float64]]:
    """Block means of unit pictures (n, 3072), and per picture (n, 2): its length before, and the
    length of what the block means leave out of it after scaling to 1."""
    count = len(rows)
    # along the columns first, which lie together in memory: several times as fast
    columns = rows.reshape(count, SMALL, BLOCK, SMALL * BLOCK * 3).sum(2, dtype=np.uint16)
    blocks = columns.reshape(count, SMALL, SMALL, BLOCK, 3)
    sums = blocks.sum(3, dtype=np.int64).reshape(count, -1)
    squares = np.einsum("ij,ij->i", rows, rows, dtype=np.int64)
    lengths = np.sqrt(squares)
    safe = np.where(lengths == 0, 1, lengths)
    # Divided by BLOCK, not by BLOCK squared: the blocks' unit vectors are 1/BLOCK everywhere.
    means = (sums / BLOCK / safe[:, None]).astype(np.float32)
    kept = (sums.astype(np.float64) ** 2).sum(1) / BLOCK**2
    rest = np.sqrt(np.maximum(squares - kept, 0)) / safe
    return means, np.stack([lengths, rest], axis=1)
