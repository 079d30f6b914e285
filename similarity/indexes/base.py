"""What a kind of index is, and what all kinds share."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import faiss
import numpy as np
import numpy.typing as npt

from similarity.indexes.effort import Recall
from similarity.indexes.pairs import Kind, RandomPairs
from similarity.methods import Vectors

Positions = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]
Rows = npt.NDArray[Any]
Facts = Mapping[str, Any]  # what a manifest says
IDS = "ids.txt"  # the file of every index with the products' ids, in its order


class Files(Protocol):
    """The files of one index."""

    def read(self, name: str) -> bytes:
        """A whole file, checked as it is read."""

    def open(self, name: str) -> BufferedReader:
        """A file that is read in parts, as it stands."""


class VectorIndex(ABC):
    """An opened index of one kind: cosine search over the vectors of a catalogue's products.

    A row is what the kind stores of one vector; positions count from 0 in catalogue order.
    """

    exact: ClassVar[bool]  # whether an answer is always that of comparing every product
    recall: Mapping[Kind, Recall]  # of one that is not exact; set by `told`
    row_type: ClassVar[type[np.generic]]
    count: int
    pairs: Mapping[Kind, RandomPairs]  # set by `open_index`
    precision: str  # in which a network made the rows, likewise

    @staticmethod
    @abstractmethod
    def rows(vectors: Vectors) -> Rows:
        """What is stored of a batch of a method's vectors (n, dim): (n, dim) of `row_type`."""

    @staticmethod
    @abstractmethod
    def cosines(rows: Rows, others: Rows) -> Scores:
        """Of rows with others, one by one, as `search` gives them: (n, dim), (n, dim) -> (n,)."""

    @staticmethod
    @abstractmethod
    def cross(rows: Rows, others: Rows) -> Scores:
        """Of all rows with all others, as `search` gives them: (n, dim), (m, dim) -> (n, m)."""

    @classmethod
    @abstractmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        """Open what a build wrote. Raises any exception unless the files hold just that."""

    def told(self, facts: Facts) -> None:
        """Take what the manifest says of searching it. Raises any exception unless it fits."""
        self.recall = {}

    @abstractmethod
    def read(self, positions: Positions) -> Rows:
        """The stored rows of some products: (n, dim). Raises IndexError outside of 0 .. count - 1.

        Those of many products at once are read faster than one by one.
        """

    def row(self, position: int) -> Rows:
        """The stored row of one product: (dim,). Raises as `read`."""
        return self.read(np.array([position]))[0]

    @abstractmethod
    def search(self, row: Rows, k: int, leave_out: int = -1) -> tuple[Positions, Scores]:
        """The k nearest to a stored or a query's row, best first; `leave_out` is no candidate.

        Returns positions (k,) and cosines (k,), fewer where the index holds fewer.
        """

    def search_exactly(self, row: Rows, k: int, leave_out: int = -1) -> tuple[Positions, Scores]:
        """As `search`, comparing every product whatever the kind."""
        assert self.exact, f"{type(self).__name__} has to say how"
        return self.search(row, k, leave_out)


class Built(VectorIndex):
    """A kind whose files a build writes from rows alone."""

    @staticmethod
    @abstractmethod
    def write(folder: Path, dim: int, count: int, blocks: Iterable[Rows]) -> None:
        """Write the files into a folder, from `count` rows in all that come in blocks (n, dim)."""


class UnitVectors(VectorIndex):
    """Rows are unit vectors, float32 (dim,)."""

    row_type = np.float32

    @staticmethod
    def rows(vectors: Vectors) -> Rows:
        return unit(vectors)

    @staticmethod
    def cosines(rows: Rows, others: Rows) -> Scores:
        return np.einsum("ij,ij->i", rows, others, dtype=np.float64)

    @staticmethod
    def cross(rows: Rows, others: Rows) -> Scores:
        # Summed in double precision, then rounded as a search does: equal rows stay equal,
        # whatever the order in which a library sums.
        found = rows.astype(np.float64) @ others.astype(np.float64).T
        return found.astype(np.float32).astype(np.float64)


def fingerprint(ids: Iterable[str]) -> str:
    """One hash for a list of product ids in its order: which products an index is of."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1, so that an inner product is a cosine: (n, dim) -> (n, dim).

    A zero vector (an all-black picture under `pixels`) has no direction and stays zero: its
    cosine with everything is reported as 0.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32, copy=False)


def nearest(
    find: Callable[[int], tuple[Scores, Positions]], count: int, k: int, leave_out: int = -1
) -> tuple[Positions, Scores]:
    """The k best of `count` products by a search of FAISS's, as `VectorIndex.search` gives them.

    `find` is given how many are wanted, and returns scores (wanted,) and positions (wanted,).
    """
    wanted = k + 32
    while True:
        wanted = min(wanted, count)
        scores, positions = find(wanted)
        keep = positions != leave_out
        scores, positions = scores[keep].astype(np.float64), positions[keep]
        # FAISS keeps any of several equal scores: ask for more until none is cut off.
        if wanted == count or scores[k - 1] > scores[-1]:
            return best(scores, positions, k)
        wanted *= 2


def scan(
    blocks: Iterable[tuple[int, Rows]], row: Rows, k: int, leave_out: int = -1
) -> tuple[Positions, Scores]:
    """As `VectorIndex.search`, by comparing unit vectors that come in blocks, with the position of
    the first of each."""
    query = np.ascontiguousarray(row[None], np.float32)
    scores, positions = np.empty(0), np.empty(0, np.int64)
    for start, rows in blocks:

        def find(wanted: int, rows: Rows = rows) -> tuple[Scores, Positions]:
            found = faiss.knn(query, rows, wanted, faiss.METRIC_INNER_PRODUCT)
            return found[0][0], found[1][0]

        some, theirs = nearest(find, len(rows), k, leave_out - start)
        scores, positions = np.append(scores, theirs), np.append(positions, some + start)
        positions, scores = best(scores, positions, k)
    return positions, scores


def best(scores: Scores, positions: Positions, k: int) -> tuple[Positions, Scores]:
    """The k highest, equal scores in catalogue order: an answer never depends on chance."""
    order = np.lexsort((positions, -scores))[:k]
    return positions[order], scores[order]
