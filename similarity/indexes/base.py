"""The interface of vector indexes, and what their kinds share."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import faiss
import numpy as np
import numpy.typing as npt

from similarity.errors import SimilarityError
from similarity.filters import Selection
from similarity.indexes.effort import Recall
from similarity.indexes.pairs import Kind, RandomPairs
from similarity.methods import Vectors

Positions = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]
Rows = npt.NDArray[Any]
Facts = Mapping[str, Any]  # the content of a manifest
NEARLY_ZERO = 1e-5  # of the sum of weights: what remains of parts that cancel out is rounding
IDS_FILE = "ids.txt"  # the file of every index with the product ids, in its order


class Files(Protocol):
    """The files of one index."""

    def read(self, name: str) -> bytes:
        """Return a file's content, verified as it is read."""

    def open(self, name: str) -> BufferedReader:
        """Open a file without verifying it, to read it in parts."""


class VectorIndex(ABC):
    """An opened index of one kind: cosine search over the vectors of a catalogue's products.

    A row is what the kind stores of one vector. Positions count from 0 in catalogue order.
    """

    exact: ClassVar[bool]  # whether results always equal those of comparing every product
    recall: Mapping[Kind, Recall]  # of approximate kinds; set by `configure`
    row_type: ClassVar[type[np.generic]]
    count: int
    pairs: Mapping[Kind, RandomPairs]  # set by `open_index`
    precision: str  # of the network that computed the rows; set by `open_index`
    candidate: Facts | None  # the record of a method that a user brought; set by `open_index`

    @staticmethod
    @abstractmethod
    def to_rows(vectors: Vectors) -> Rows:
        """Convert a method's vectors (n, dim) to rows (n, dim) of `row_type`."""

    @staticmethod
    @abstractmethod
    def compute_cosines(rows: Rows, others: Rows) -> Scores:
        """Return the cosines of rows with others, pairwise, as `search` gives them: (n,)."""

    @staticmethod
    @abstractmethod
    def compute_cross_cosines(rows: Rows, others: Rows) -> Scores:
        """Return the cosines of all rows (n, dim) with all others (m, dim): (n, m)."""

    @staticmethod
    @abstractmethod
    def combine(rows: Rows, weights: Sequence[float]) -> Rows:
        """Return the weighted sum of the unit vectors of rows (n, dim) for `search`: (dim,).

        Raises SimilarityError if they cancel each other out, because such a sum has no direction.
        """

    @classmethod
    @abstractmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        """Open the files of a build. Raises any exception for files that it didn't write."""

    def configure(self, facts: Facts) -> None:
        """Read the search parameters from the manifest. Raises any exception if they don't fit."""
        self.recall = {}

    @abstractmethod
    def read(self, positions: Positions) -> Rows:
        """Return the rows of some products: (n, dim). Raises IndexError outside of 0 .. count - 1.

        Reading many rows at once is faster than one by one.
        """

    def read_row(self, position: int) -> Rows:
        """Return the row of one product: (dim,). Raises as `read`."""
        return self.read(np.array([position]))[0]

    @abstractmethod
    def search(
        self, row: Rows, k: int, leave_out: int = -1, among: Selection | None = None
    ) -> tuple[Positions, Scores]:
        """Return the k products nearest to a row or combination, best first, without `leave_out`.

        Only those in `among` are searched. Returns positions (k,) and cosines (k,), fewer only if
        there are fewer.
        """

    def compares_all(self, among: Selection | None) -> bool:
        """Return whether a search for TOP_K among these products compares all of them."""
        return self.exact

    def search_exactly(
        self, row: Rows, k: int, leave_out: int = -1, among: Selection | None = None
    ) -> tuple[Positions, Scores]:
        """Search by comparing every product, whatever the kind. Otherwise as `search`."""
        assert self.exact, f"{type(self).__name__} must implement search_exactly"
        return self.search(row, k, leave_out, among)


class FileIndex(VectorIndex):
    """A kind whose files are written from rows alone."""

    @staticmethod
    @abstractmethod
    def write(folder: Path, dim: int, count: int, blocks: Iterable[Rows]) -> None:
        """Write the files into a folder, from `count` rows that come in blocks (n, dim)."""


class UnitVectors(VectorIndex):
    """Rows are unit vectors, float32 (dim,)."""

    row_type = np.float32

    @staticmethod
    def to_rows(vectors: Vectors) -> Rows:
        return normalise(vectors)

    @staticmethod
    def combine(rows: Rows, weights: Sequence[float]) -> Rows:
        return add_weighted(rows, weights).astype(np.float32)

    @staticmethod
    def compute_cosines(rows: Rows, others: Rows) -> Scores:
        return np.einsum("ij,ij->i", rows, others, dtype=np.float64)

    @staticmethod
    def compute_cross_cosines(rows: Rows, others: Rows) -> Scores:
        # Summed in double precision, then rounded as in a search, so that equal rows have equal
        # cosines in whatever order a library sums.
        products = rows.astype(np.float64) @ others.astype(np.float64).T
        return products.astype(np.float32).astype(np.float64)


def compute_fingerprint(ids: Iterable[str]) -> str:
    """Return a hash of product ids in their order, which identifies the products of an index."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def normalise(vectors: Vectors) -> Vectors:
    """Scale rows to length 1, so that inner products are cosines: (n, dim) -> (n, dim).

    A zero vector (an all-black picture under `pixels`) has no direction and stays zero, so all its
    cosines are 0.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32, copy=False)


def add_weighted(units: Rows, weights: Sequence[float]) -> Scores:
    """Return the weighted sum of unit vectors (n, dim) at length 1: float64 (dim,).

    Raises SimilarityError if they cancel each other out.
    """
    total = np.asarray(weights, np.float64) @ units.astype(np.float64, copy=False)
    length = np.linalg.norm(total)
    if length <= NEARLY_ZERO * np.abs(weights).sum():
        raise SimilarityError(
            "The parts of this query cancel each other out by this method. Remove one of them."
        )
    return total / length


def find_nearest(
    search: Callable[[int], tuple[Scores, Positions]], count: int, k: int, leave_out: int = -1
) -> tuple[Positions, Scores]:
    """Return the k best of `count` products by a FAISS search, as `VectorIndex.search` does.

    `count` is the number of products that are searched. `search` takes the number of results and
    returns scores (limit,) and positions (limit,).
    """
    if not count:
        return np.empty(0, np.int64), np.empty(0)
    limit = k + 32
    while True:
        limit = min(limit, count)
        scores, positions = search(limit)
        keep = positions != leave_out
        scores, positions = scores[keep].astype(np.float64), positions[keep]
        # FAISS keeps any of several equal scores: ask for more until none of them is cut off.
        if limit == count or scores[k - 1] > scores[-1]:
            return select_best(scores, positions, k)
        limit *= 2


def search_blocks(
    blocks: Iterable[tuple[Positions, Rows]], row: Rows, k: int, leave_out: int = -1
) -> tuple[Positions, Scores]:
    """Search as `VectorIndex.search` does, by comparing unit vectors that come in blocks.

    Each block comes with the positions of its vectors.
    """
    query = np.ascontiguousarray(row[None], np.float32)
    scores, positions = np.empty(0), np.empty(0, np.int64)
    for block_positions, rows in blocks:

        def search_block(limit: int, rows: Rows = rows) -> tuple[Scores, Positions]:
            results = faiss.knn(query, rows, limit, faiss.METRIC_INNER_PRODUCT)
            return results[0][0], results[1][0]

        # one more, because one of them may be left out
        indices, block_scores = find_nearest(search_block, len(rows), k + 1)
        keep = block_positions[indices] != leave_out
        scores = np.append(scores, block_scores[keep])
        positions = np.append(positions, block_positions[indices][keep])
        positions, scores = select_best(scores, positions, k)
    return positions, scores


def select_best(scores: Scores, positions: Positions, k: int) -> tuple[Positions, Scores]:
    """Return the k highest scores with their positions, equal scores in catalogue order."""
    order = np.lexsort((positions, -scores))[:k]
    return positions[order], scores[order]


def rank_scores(scores: Scores) -> tuple[np.ndarray, np.ndarray]:
    """Return ranks from 1 of scores in descending order, and which of them are tied.

    Equal scores share the rank of the first of them.
    """
    is_first = np.append(True, scores[1:] != scores[:-1])[: len(scores)]
    first_positions = np.maximum.accumulate(np.where(is_first, np.arange(len(scores)), 0))
    return first_positions + 1, ~is_first | np.append(~is_first[1:], False)[: len(scores)]
