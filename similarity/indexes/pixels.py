"""Exact cosine search over flattened pixels, without holding them in memory.

6,000 pictures as 224 x 224 x 3 floats are 3.6 GB. Here the pixels stay on disk as bytes (0.9 GB,
lossless), and memory holds a sketch of each picture: the means of its 7 x 7 blocks, 3,072 numbers,
and the lengths of what these leave out in each of its 14 x 14 squares, 256 numbers. Block means are
an orthogonal projection P, also within a square s, so by Cauchy-Schwarz

    cos(x, y)  <=  <Px, Py> + sum over s of |x - Px|_s |y - Py|_s        (x, y of length 1)

This upper bound is the inner product of the two sketches. Pictures are compared in full, from disk,
in descending order of their bounds, until the k-th best cosine exceeds all remaining bounds, so no
remaining picture can be among the results. This is the filter-and-refine search of Faloutsos,
Ranganathan and Manolopoulos (SIGMOD 1994).
"""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
import numpy.typing as npt

from similarity.filters import Selection
from similarity.indexes.base import (
    FileIndex,
    Files,
    Positions,
    Rows,
    Scores,
    add_weighted,
    select_best,
)
from similarity.indexes.bytes import compute_cross_products, compute_inner_products
from similarity.indexes.flat import make_parameters, read_flat
from similarity.indexes.stored_rows import StoredRows, write_rows
from similarity.methods import Vectors
from similarity.methods.pixels import SIDE

BLOCK, SQUARE = 7, 14
BLOCKS, SQUARES = SIDE // BLOCK, SIDE // SQUARE
SKETCH_DIM = BLOCKS * BLOCKS * 3 + SQUARES * SQUARES  # numbers
PIXELS = "pixels.npy"
SKETCHES = "sketches.faiss"
LENGTHS = "lengths.npy"
BATCH_SIZE = 8  # full comparisons at a time; larger batches would make many needless ones
DIGITS = 12  # of a cosine; the rest is rounding, and equal cosines must stay equal
SLACK = 1e-5  # covers the rounding of the float32 bounds, about 1e-6


class PixelIndex(FileIndex):
    """Rows are pixels as bytes (dim,); memory holds the sketches of unit-length pictures."""

    exact = True
    row_type = np.uint8

    def __init__(self, stored: StoredRows, sketches: Any, lengths: Rows) -> None:
        self._stored, self._sketches, self._lengths = stored, sketches, lengths
        self.count: int = sketches.ntotal

    @staticmethod
    def to_rows(vectors: Vectors) -> Rows:
        scaled = vectors * np.float32(255)
        return np.rint(scaled, out=scaled).astype(np.uint8)

    @staticmethod
    def combine(rows: Rows, weights: Sequence[float]) -> Rows:
        lengths = compute_lengths(rows)[:, None]
        return add_weighted(rows / np.where(lengths == 0, 1, lengths), weights)

    @staticmethod
    def compute_cosines(rows: Rows, others: Rows) -> Scores:
        return _to_cosines(
            compute_inner_products(rows, others), compute_lengths(rows), compute_lengths(others)
        )

    @staticmethod
    def compute_cross_cosines(rows: Rows, others: Rows) -> Scores:
        return _to_cosines(
            compute_cross_products(rows, others),
            compute_lengths(rows)[:, None],
            compute_lengths(others),
        )

    @staticmethod
    def write(folder: Path, dim: int, count: int, blocks: Iterable[Rows]) -> None:
        index = faiss.IndexFlatIP(SKETCH_DIM)
        block_lengths = [np.empty(0)]
        for block in write_rows(folder / PIXELS, count, dim, np.uint8, blocks):
            index.add(_compute_sketches(block))
            block_lengths.append(compute_lengths(block))
        faiss.write_index(index, str(folder / SKETCHES))
        np.save(folder / LENGTHS, np.concatenate(block_lengths))

    @classmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        sketches = read_flat(files.read(SKETCHES), SKETCH_DIM, count)
        lengths = np.load(io.BytesIO(files.read(LENGTHS)), allow_pickle=False)
        if lengths.shape != (count,) or lengths.dtype != np.float64:
            raise ValueError(f"{LENGTHS} holds {lengths.shape} of {lengths.dtype}")
        with files.open(PIXELS) as file:
            return cls(StoredRows(file, PIXELS, count, dim, np.uint8), sketches, lengths)

    def read(self, positions: Positions) -> Rows:
        return self._stored.read(positions)

    def search(
        self, row: Rows, k: int, leave_out: int = -1, among: Selection | None = None
    ) -> tuple[Positions, Scores]:
        is_combination = row.dtype != np.uint8
        length = 1.0 if is_combination else compute_lengths(row[None])[0]
        sketch = _sketch_combination(row) if is_combination else _compute_sketches(row[None])
        count = self.count if among is None else len(among.positions)
        if not count:
            return np.empty(0, np.int64), np.empty(0)
        results = self._sketches.search(sketch, count, params=make_parameters(among))
        bounds, order = (rows[0] for rows in results)
        keep = order != leave_out
        order, bounds = order[keep], bounds[keep] + SLACK
        if length == 0:  # an all-black picture has no direction, so all others are equally near
            order = np.sort(order)[:k]
            return order, np.zeros(len(order))
        scores = np.empty(0)
        for start in range(0, len(order), BATCH_SIZE):
            if start >= k and np.partition(scores, -k)[-k] > bounds[start]:
                break
            batch = order[start : start + BATCH_SIZE]
            pictures = self._stored.read(batch)
            products = (
                pictures.astype(np.float64) @ row
                if is_combination
                else compute_inner_products(pictures, row)
            )
            cosines = _to_cosines(products, self._lengths[batch], length)
            scores = np.append(scores, cosines)
        return select_best(scores, order[: len(scores)], k)


def compute_lengths(rows: Rows) -> npt.NDArray[np.float64]:
    """Return the lengths of rows of bytes: (n, dim) gives (n,)."""
    return np.sqrt(compute_inner_products(rows, rows))


def _to_cosines(products: Rows, lengths: Rows, other_lengths: Rows | float) -> Scores:
    """Return rounded cosines, so that equal ones are equal; 0 for black pictures."""
    length_products = lengths * other_lengths
    return np.divide(
        products, length_products, np.zeros(products.shape), where=length_products > 0
    ).round(DIGITS)


def _compute_sketches(rows: Rows) -> Vectors:
    """Return block means of unit-length pictures, and the length of the rest of each square.

    The shape is (n, SKETCH_DIM).
    """
    count = len(rows)
    # summing along columns first, which are adjacent in memory, is several times as fast
    columns = rows.reshape(count, BLOCKS, BLOCK, SIDE * 3).sum(2, dtype=np.uint16)
    sums = columns.reshape(count, BLOCKS, BLOCKS, BLOCK, 3).sum(3, dtype=np.int64)
    squares = np.multiply(rows, rows, dtype=np.uint16).reshape(count, SQUARES, SQUARE, SIDE * 3)
    squares = squares.sum(2, dtype=np.uint32).reshape(count, SQUARES, SQUARES, SQUARE * 3)
    block_squares = (sums**2).reshape(count, SQUARES, SQUARE // BLOCK, SQUARES, -1).sum(
        (2, 4)
    ) / BLOCK**2
    remainders = np.sqrt(np.maximum(squares.sum(3, dtype=np.int64) - block_squares, 0))
    # Divided by BLOCK, not BLOCK squared: the unit vectors of blocks are 1/BLOCK everywhere.
    sketch = np.hstack([sums.reshape(count, -1) / BLOCK, remainders.reshape(count, -1)])
    row_lengths = compute_lengths(rows)[:, None]
    return (sketch / np.where(row_lengths == 0, 1, row_lengths)).astype(np.float32)


def _sketch_combination(row: Rows) -> Vectors:
    """Return the sketch of a unit vector of real numbers (dim,): (1, SKETCH_DIM).

    The bound above holds for it as well, because Cauchy and Schwarz's does.
    """
    blocks = row.reshape(BLOCKS, BLOCK, BLOCKS, BLOCK, 3).sum((1, 3))
    squares = (row**2).reshape(SQUARES, SQUARE, SQUARES, SQUARE, 3).sum((1, 3, 4))
    parts = SQUARE // BLOCK
    block_squares = (blocks**2).reshape(SQUARES, parts, SQUARES, parts, 3).sum((1, 3, 4)) / BLOCK**2
    remainders = np.sqrt(np.maximum(squares - block_squares, 0))
    return np.hstack([blocks.ravel() / BLOCK, remainders.ravel()])[None].astype(np.float32)
