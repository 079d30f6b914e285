"""Approximate cosine search over more unit vectors than fit into memory.

Memory holds one bit per number: vectors are rotated at random and sorted into cells around
centroids (IVF). For each vector, memory holds on which side of its centroid it is in every
dimension, and two numbers, from which inner products are estimated (RaBitQ: Gao and Long, SIGMOD
2024, arXiv:2405.12497). The full vectors stay on disk. A search probes the nearest cells, selects a
shortlist by the estimates, reads the shortlist's vectors and compares them exactly. Its scores are
therefore exact, but it can miss products; how often is measured when the index is built.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any, Self
from weakref import WeakKeyDictionary

import faiss
import numpy as np
import numpy.typing as npt

from similarity.filters import Selection
from similarity.indexes.base import (
    Facts,
    Files,
    Positions,
    Rows,
    Scores,
    UnitVectors,
    search_blocks,
    select_best,
)
from similarity.indexes.effort import (
    TOP_K,
    Effort,
    FilterKind,
    FilterRecall,
    Trained,
    read_effort,
    read_filtered,
    read_recall,
    read_trained,
)
from similarity.indexes.flat import PARAMETERS, read_faiss
from similarity.indexes.stored_rows import StoredRows, write_rows

VECTORS = "vectors.npy"
CELLS = "cells.faiss"
TRAINING_VECTORS = 32  # per cell
SEED = 0
PRETRANSFORM: Any = faiss.IndexPreTransform
RABITQ: Any = faiss.IndexIVFRaBitQ
IVF: Any = faiss.IVFSearchParameters  # FAISS's type stubs lack parameters of these classes
ROTATED: Any = faiss.SearchParametersPreTransform
SELECTED: Any = faiss.IDSelectorBitmap
OCCUPIED: Any = faiss.IDSelectorBatch
FEW = 1000  # selected products that are all compared: reading them takes as long as probing cells
SPREAD = 0.97  # share of the cells that random products would be in
MIN_RATIO = 8  # a shortlist of more than one product in this many saves nothing over exact search


@dataclass(frozen=True)
class PreparedFilter:
    """A selection as FAISS takes it.

    `kind` is "random" if its products are spread over about as many cells as random ones.
    `products` selects the products, and `cells` the cells that hold any, None if all do; they are
    `occupied` in number. `factor` is how many times as many cells are probed.
    """

    kind: FilterKind
    products: Any
    cells: Any
    occupied: int
    factor: float


class ApproximateIndex(UnitVectors):
    """The kind for large catalogues in local files."""

    exact = False

    effort: Effort
    # of searches with a filter, before `candidates` raises it
    filtered_efforts: Mapping[FilterKind, Effort]
    filter_recalls: Sequence[FilterRecall] | None  # None if an older build didn't measure them
    target_recall: float  # the share of exact results that the effort was chosen for
    trained: Trained

    def __init__(self, cells: Any, stored: StoredRows) -> None:
        self._cells, self._stored = cells, stored
        self._prepared: WeakKeyDictionary[Selection, PreparedFilter] = WeakKeyDictionary()
        self.count: int = cells.ntotal

    @staticmethod
    def write(
        folder: Path,
        dim: int,
        count: int,
        blocks: Iterable[Rows],
        cells: Any = None,
        report: Callable[[str, int, int], None] = lambda activity, done, total: None,
    ) -> None:
        """Write the files into a folder, from `count` rows that come in blocks (n, dim).

        `cells` are already trained cells, if any. `report` is called with the activity, the number
        of rows done and the total.
        """
        done = 0
        for block in write_rows(folder / VECTORS, count, dim, np.float32, blocks):
            done += len(block)
            report("Writing vectors", done, count)
        with (folder / VECTORS).open("rb") as file:
            stored = StoredRows(file, VECTORS, count, dim, np.float32)
        if cells is None:
            report("Finding cells", 0, 0)
            cells = train_cells(stored, dim)
            report("Finding cells", 1, 1)
        for start, rows in stored.iterate_blocks():
            cells.add(rows)
            report("Sorting into cells", start + len(rows), count)
        faiss.write_index(cells, str(folder / CELLS))

    @classmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        cells = read_cells(files.read(CELLS), dim, count)
        with files.open(VECTORS) as file:
            return cls(cells, StoredRows(file, VECTORS, count, dim, np.float32))

    def configure(self, facts: Facts) -> None:
        self.effort, self.recall = read_effort(facts), read_recall(facts)
        self.filtered_efforts, self.filter_recalls = read_filtered(facts)
        self.target_recall, self.trained = float(facts["wanted"]), read_trained(facts)

    def read(self, positions: Positions) -> Rows:
        return self._stored.read(positions)

    def clone_empty(self) -> Any:
        """Return the trained cells without vectors."""
        cells = faiss.clone_index(self._cells)
        cells.reset()
        return cells

    def search(
        self, row: Rows, k: int, leave_out: int = -1, among: Selection | None = None
    ) -> tuple[Positions, Scores]:
        if among is not None and len(among.positions) <= FEW:
            return self.search_exactly(row, k, leave_out, among)
        effort = self.get_effort(among)
        size = ceil(effort.shortlist * max(1, k / TOP_K)) + 1  # one of them may be left out
        if self._is_small(size, self.count if among is None else len(among.positions)):
            return self.search_exactly(row, k, leave_out, among)
        query = np.ascontiguousarray(row[None], np.float32)
        positions = self.candidates(query, size, effort.cells, among)[0]
        # in the order of the disk
        positions = np.sort(positions[(positions >= 0) & (positions != leave_out)])
        if len(positions) < k:
            return self.search_exactly(row, k, leave_out, among)
        scores, order = faiss.knn(
            query, self._stored.read(positions), len(positions), faiss.METRIC_INNER_PRODUCT
        )
        return select_best(scores[0].astype(np.float64), positions[order[0]], k)

    def get_effort(self, among: Selection | None) -> Effort:
        """Return the effort of searches among some products, before `candidates` raises it."""
        return self.effort if among is None else self.filtered_efforts[self._prepare(among).kind]

    def compares_all(self, among: Selection | None) -> bool:
        if among is None:
            return False
        count = len(among.positions)
        return count <= FEW or self._is_small(self.get_effort(among).shortlist + 1, count)

    def _is_small(self, size: int, count: int) -> bool:
        """Return whether comparing all of `count` products costs no more than a shortlist."""
        return size * MIN_RATIO > count

    def candidates(
        self, queries: Rows, size: int, cells: int, among: Selection | None = None
    ) -> Positions:
        """Return shortlists by estimated scores: (n, dim) gives (n, size), padded with -1.

        A filter leaves fewer products in a cell, so more cells are probed: with 1 / d of the
        products that a cell holds on average, sqrt(d) times as many. Only cells that hold any are
        probed. The root is by experiment: d times as many are more than random products need.
        """
        inner = IVF(nprobe=min(cells, self.cell_count))
        if among is not None:
            prepared = self._prepare(among)
            inner = IVF(
                nprobe=min(ceil(cells * prepared.factor), prepared.occupied),
                sel=prepared.products,
                quantizer_params=prepared.cells,
            )
        positions: Positions = self._cells.search(
            queries, size, params=ROTATED(index_params=inner)
        )[1]
        return positions

    def _prepare(self, among: Selection) -> "PreparedFilter":
        """Return what FAISS takes of a selection, computed once."""
        prepared = self._prepared.get(among)
        if prepared is None:
            by_cell = np.bincount(self._cell_by_position[among.positions])
            occupied = np.flatnonzero(by_cell)
            density = self.count / self.cell_count * len(occupied) / len(among.positions)
            are_all = len(occupied) == self.cell_count
            expected = (
                1 - (1 - among.share) ** self._cell_sizes
            ).sum()  # if random products were left
            prepared = self._prepared[among] = PreparedFilter(
                "random" if len(occupied) >= SPREAD * expected else "cluster",
                SELECTED(np.packbits(among.mask, bitorder="little")),
                None if are_all else PARAMETERS(sel=OCCUPIED(occupied)),
                len(occupied),
                density**0.5,
            )
        return prepared

    @cached_property
    def _cell_sizes(self) -> Positions:
        """The number of products in each cell: (cells,)."""
        return np.bincount(self._cell_by_position, minlength=self.cell_count)

    @cached_property
    def _cell_by_position(self) -> npt.NDArray[np.int32]:
        """The cell of each product: (products,)."""
        lists = _get_inner(self._cells).invlists
        cells = np.empty(self.count, np.int32)
        for cell in range(lists.nlist):
            if size := lists.list_size(cell):
                cells[faiss.rev_swig_ptr(lists.get_ids(cell), size)] = cell
        return cells

    @property
    def cell_count(self) -> int:
        """Number of cells."""
        return int(_get_inner(self._cells).nlist)

    @property
    def code_size(self) -> int:
        """Bytes in memory per product, without its number."""
        return int(_get_inner(self._cells).code_size)

    def search_exactly(
        self, row: Rows, k: int, leave_out: int = -1, among: Selection | None = None
    ) -> tuple[Positions, Scores]:
        return search_blocks(self._stored.iterate_selected(among), row, k, leave_out)


def choose_cell_count(count: int) -> int:
    """Return the number of cells for a number of products: the power of 2 nearest to 2 sqrt(n).

    A search then compares about as many centroids as vectors in the cells that it probes.
    """
    return int(2 ** round(np.log2(2 * count**0.5)))


def train_cells(stored: StoredRows, dim: int) -> Any:
    """Train empty cells by k-means on a random sample of the stored rows."""
    number = choose_cell_count(stored.count)
    cells: Any = faiss.index_factory(dim, f"RR{dim},IVF{number},RaBitQ", faiss.METRIC_INNER_PRODUCT)
    inner = _get_inner(cells)
    inner.cp.seed = SEED
    inner.cp.min_points_per_centroid = 1  # prevents a warning for small catalogues
    inner.cp.max_points_per_centroid = TRAINING_VECTORS
    sample = np.random.default_rng(SEED).permutation(stored.count)[: TRAINING_VECTORS * number]
    cells.train(stored.read(np.sort(sample)))
    return cells


def _get_inner(cells: Any) -> Any:
    return faiss.downcast_index(cells.index)


def read_cells(content: bytes, dim: int, count: int) -> Any:
    """Read cells that hold each of `count` products once.

    Raises ValueError or RuntimeError for anything else.
    """
    cells = read_faiss(content)
    if type(cells) is not PRETRANSFORM or cells.chain.size() != 1:
        raise ValueError(f"it is a {type(cells).__name__}, not a rotation and cells")
    rotation, inner = faiss.downcast_VectorTransform(cells.chain.at(0)), _get_inner(cells)
    if type(rotation) is not faiss.RandomRotationMatrix or type(inner) is not RABITQ:
        raise ValueError(f"it is a {type(rotation).__name__} and a {type(inner).__name__}")
    shapes = {(cells.ntotal, cells.d), (inner.ntotal, inner.d), (count, rotation.d_in)}
    if shapes != {(count, dim)} or rotation.d_out != dim or inner.metric_type != cells.metric_type:
        raise ValueError(f"it has shape {cells.ntotal} x {cells.d}, not {count} x {dim}")
    lists, code, centroids = inner.invlists, inner.rabitq, faiss.downcast_index(inner.quantizer)
    sizes = (lists.code_size, code.compute_code_size(dim, code.nb_bits), lists.nlist, centroids.d)
    expected = (inner.code_size, inner.code_size, inner.nlist, dim)
    if sizes != expected or (code.d, centroids.ntotal) != (dim, inner.nlist):
        raise ValueError(f"its parts have inconsistent sizes: {sizes}, not {expected}")
    is_present, list_sizes = np.zeros(count, bool), [lists.list_size(i) for i in range(inner.nlist)]
    for i, size in enumerate(list_sizes):
        ids = faiss.rev_swig_ptr(lists.get_ids(i), size) if size else np.empty(0, np.int64)
        if size and not 0 <= ids.min() <= ids.max() < count:
            raise ValueError("its cells hold unknown products")
        is_present[ids] = True
    if not is_present.all() or sum(list_sizes) != count:
        raise ValueError("its cells don't hold each product once")
    return cells
