"""Approximate cosine search over more unit vectors than one wants to compare, or to hold.

Memory holds one bit a number: vectors are rotated at random, sorted into cells around centroids
(IVF), and of each is kept on which side of its centroid it is in every dimension, with two numbers,
from which an inner product can be estimated (RaBitQ: Gao and Long, SIGMOD 2024, arXiv:2405.12497).
The vectors themselves stay on disk. A search looks into the nearest cells, takes a short list by
the estimates, reads the vectors of just these, and compares them exactly: its scores are true ones,
and what it can do wrong is to miss a product. How often it does was measured when it was built.
"""

from collections.abc import Callable, Iterable
from math import ceil
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np

from similarity.indexes.base import (
    Facts,
    Files,
    Positions,
    Rows,
    Scores,
    UnitVectors,
    best,
    scan,
)
from similarity.indexes.effort import AT, Effort, Trained, read_effort, read_recall, read_trained
from similarity.indexes.flat import read_faiss
from similarity.indexes.stored import StoredRows, written

VECTORS = "vectors.npy"
CELLS = "cells.faiss"
TRAINED_ON = 32  # vectors a cell
SEED = 0
PRETRANSFORM: Any = faiss.IndexPreTransform
RABITQ: Any = faiss.IndexIVFRaBitQ
IVF: Any = faiss.IVFSearchParameters  # FAISS's types know less of these than they are
ROTATED: Any = faiss.SearchParametersPreTransform
SCANNED = 8  # a short list of more than one in so many products is no shortcut


class ApproximateIndex(UnitVectors):
    """The kind for large catalogues that this machine keeps itself."""

    exact = False

    effort: Effort
    wanted: float  # the share of the exact answer that the effort was chosen for
    trained: Trained

    def __init__(self, cells: Any, stored: StoredRows) -> None:
        self._cells, self._stored = cells, stored
        self.count: int = cells.ntotal

    @staticmethod
    def write(
        folder: Path,
        dim: int,
        count: int,
        blocks: Iterable[Rows],
        cells: Any = None,
        tell: Callable[[str, int, int], None] = lambda doing, done, total: None,
    ) -> None:
        """As of any kind. `cells` are trained ones; `tell` hears what is done, how much of it."""
        done = 0
        for block in written(folder / VECTORS, count, dim, np.float32, blocks):
            done += len(block)
            tell("Writing vectors", done, count)
        with (folder / VECTORS).open("rb") as file:
            stored = StoredRows(file, VECTORS, count, dim, np.float32)
        if cells is None:
            tell("Finding cells", 0, 0)
            cells = find_cells(stored, dim)
            tell("Finding cells", 1, 1)
        for start, rows in stored.blocks():
            cells.add(rows)
            tell("Sorting into cells", start + len(rows), count)
        faiss.write_index(cells, str(folder / CELLS))

    @classmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        cells = read_cells(files.read(CELLS), dim, count)
        with files.open(VECTORS) as file:
            return cls(cells, StoredRows(file, VECTORS, count, dim, np.float32))

    def told(self, facts: Facts) -> None:
        self.effort, self.recall = read_effort(facts), read_recall(facts)
        self.wanted, self.trained = float(facts["wanted"]), read_trained(facts)

    def read(self, positions: Positions) -> Rows:
        return self._stored.read(positions)

    def emptied(self) -> Any:
        """Its cells as they were trained, with nothing in them."""
        cells = faiss.clone_index(self._cells)
        cells.reset()
        return cells

    def search(self, row: Rows, k: int, leave_out: int = -1) -> tuple[Positions, Scores]:
        size = ceil(self.effort.shortlist * max(1, k / AT)) + 1  # one of them may be left out
        if size * SCANNED > self.count:
            return self.search_exactly(row, k, leave_out)
        query = np.ascontiguousarray(row[None], np.float32)
        found = self.candidates(query, size, self.effort.cells)[0]
        found = np.sort(found[(found >= 0) & (found != leave_out)])  # in the order of the disk
        if len(found) < k:
            return self.search_exactly(row, k, leave_out)
        scores, order = faiss.knn(
            query, self._stored.read(found), len(found), faiss.METRIC_INNER_PRODUCT
        )
        return best(scores[0].astype(np.float64), found[order[0]], k)

    def candidates(self, queries: Rows, size: int, cells: int) -> Positions:
        """Short lists by the estimates: (n, dim) gives (n, size), -1 where cells hold fewer."""
        inner = IVF(nprobe=min(cells, self.cells))
        found: Positions = self._cells.search(queries, size, params=ROTATED(index_params=inner))[1]
        return found

    @property
    def cells(self) -> int:
        """How many there are."""
        return int(_inner(self._cells).nlist)

    @property
    def code_size(self) -> int:
        """Bytes in memory of a product, but for its number."""
        return int(_inner(self._cells).code_size)

    def search_exactly(self, row: Rows, k: int, leave_out: int = -1) -> tuple[Positions, Scores]:
        return scan(self._stored.blocks(), row, k, leave_out)


def cells_for(count: int) -> int:
    """The number of cells for so many products: the power of 2 that is nearest to twice its root.

    A search then looks at about as many centroids as vectors in the cells that it chooses.
    """
    return int(2 ** round(np.log2(2 * count**0.5)))


def find_cells(stored: StoredRows, dim: int) -> Any:
    """Empty cells for the stored rows, found by k-means among some drawn at random."""
    number = cells_for(stored.count)
    cells: Any = faiss.index_factory(dim, f"RR{dim},IVF{number},RaBitQ", faiss.METRIC_INNER_PRODUCT)
    inner = _inner(cells)
    inner.cp.seed = SEED
    inner.cp.min_points_per_centroid = 1  # else it warns of small numbers
    inner.cp.max_points_per_centroid = TRAINED_ON
    drawn = np.random.default_rng(SEED).permutation(stored.count)[: TRAINED_ON * number]
    cells.train(stored.read(np.sort(drawn)))
    return cells


def _inner(cells: Any) -> Any:
    return faiss.downcast_index(cells.index)


def read_cells(content: bytes, dim: int, count: int) -> Any:
    """Cells that hold each of so many products once. Raises ValueError, RuntimeError for others."""
    cells = read_faiss(content)
    if type(cells) is not PRETRANSFORM or cells.chain.size() != 1:
        raise ValueError(f"it is a {type(cells).__name__}, not a rotation and cells")
    rotation, inner = faiss.downcast_VectorTransform(cells.chain.at(0)), _inner(cells)
    if type(rotation) is not faiss.RandomRotationMatrix or type(inner) is not RABITQ:
        raise ValueError(f"it is a {type(rotation).__name__} and a {type(inner).__name__}")
    shapes = {(cells.ntotal, cells.d), (inner.ntotal, inner.d), (count, rotation.d_in)}
    if shapes != {(count, dim)} or rotation.d_out != dim or inner.metric_type != cells.metric_type:
        raise ValueError(f"it is {cells.ntotal} x {cells.d}, not {count} x {dim}")
    lists, code, centroids = inner.invlists, inner.rabitq, faiss.downcast_index(inner.quantizer)
    sizes = (lists.code_size, code.compute_code_size(dim, code.nb_bits), lists.nlist, centroids.d)
    expected = (inner.code_size, inner.code_size, inner.nlist, dim)
    if sizes != expected or (code.d, centroids.ntotal) != (dim, inner.nlist):
        raise ValueError(f"its parts do not fit each other: {sizes}, not {expected}")
    held, many = np.zeros(count, bool), [lists.list_size(i) for i in range(inner.nlist)]
    for i, size in enumerate(many):
        ids = faiss.rev_swig_ptr(lists.get_ids(i), size) if size else np.empty(0, np.int64)
        if size and not 0 <= ids.min() <= ids.max() < count:
            raise ValueError("its cells hold other products")
        held[ids] = True
    if not held.all() or sum(many) != count:
        raise ValueError("its cells do not hold each product once")
    return cells
