"""The file of neighbours: the nearest products of a sample by every method.

Pages compute from it where methods differ, for any k up to K.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.indexes import Positions, compute_fingerprint
from similarity.measures.files import MEASURES, add_build_remedy, require_same_vectors

PATH = f"{MEASURES}/neighbours.safetensors"
FORMAT = 3
K = 48  # stored per product and method: the most that Compare shows
WALK_K = 12  # results that are compared when products are sorted by disagreement
MAX_OVERLAPS = 200  # pairs of methods and values of k that are cached
QUERIES, FOLDS = "queries", "folds"


@dataclass(frozen=True)
class Neighbours:
    """The k nearest neighbours of each product of a sample, by method, found by exact search.

    `queries` (n,) and each of `by_method` (n, k) are positions in the catalogue, whose product ids
    are `ids`. `stamps` identify the vectors by key. `folds` (products,) are random parts of all
    products for intervals: see similarity.measures.metrics.folds.
    """

    ids: Sequence[str]
    stamps: Mapping[str, str]
    queries: Positions
    by_method: Mapping[str, Positions]
    folds: Positions | None = None  # None if no intervals are needed
    _overlaps: dict[tuple[str, str, int], Positions] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def methods(self) -> list[str]:
        """Keys of the compared methods."""
        return list(self.by_method)

    @property
    def k(self) -> int:
        """Number of stored neighbours per product."""
        return min(K, len(self.ids) - 1)

    @property
    def products(self) -> list[str]:
        """The ids of the sample."""
        return [self.ids[i] for i in self.queries]

    def compute_overlap(self, one: str, other: str, k: int) -> npt.NDArray[np.int64]:
        """Return how many of each product's first k neighbours two methods share: (n,)."""
        overlap = self._overlaps.get((one, other, k))
        if overlap is None:  # cached, because every run of a page asks for it
            first, second = self.by_method[one][:, :k], self.by_method[other][:, :k]
            overlap = (first[:, :, None] == second[:, None, :]).sum((1, 2))
            with self._lock:
                while len(self._overlaps) >= MAX_OVERLAPS:
                    del self._overlaps[next(iter(self._overlaps))]
                self._overlaps[one, other, k] = overlap
        return overlap

    def compute_mean_overlap(
        self, methods: Sequence[str], k: int = WALK_K
    ) -> npt.NDArray[np.float64]:
        """Return the mean overlap of all pairs of methods for each product: (n,).

        Raises KeyError for fewer than two methods, or one that was not compared.
        """
        if len(methods) < 2 or not set(methods) <= self.by_method.keys():
            raise KeyError(f"{methods} are not compared")
        pairs = combinations(methods, 2)
        return np.mean([self.compute_overlap(one, other, k) for one, other in pairs], axis=0)

    def sort_by_disagreement(self, methods: Sequence[str], k: int = WALK_K) -> list[str]:
        """Return the products sorted by mean overlap, lowest first, then in catalogue order."""
        products = self.products
        return [
            products[i] for i in np.argsort(self.compute_mean_overlap(methods, k), kind="stable")
        ]


def to_bytes(neighbours: Neighbours) -> bytes:
    """Return the file's content."""
    tensors = {
        QUERIES: neighbours.queries,
        **{f"near {key}": near for key, near in neighbours.by_method.items()},
    }
    if neighbours.folds is not None:
        tensors[FOLDS] = neighbours.folds
    facts = {
        "format": FORMAT,
        "catalogue": compute_fingerprint(neighbours.ids),
        "methods": neighbours.stamps,
    }
    return save(
        {name: np.ascontiguousarray(rows, np.int32) for name, rows in tensors.items()},
        {"facts": json.dumps(facts)},  # a single entry, because several have no defined order
    )


def from_bytes(content: bytes, ids: Sequence[str]) -> Neighbours:
    """Read what `to_bytes` wrote for these products. Raises SimilarityError for anything else."""
    try:
        size = int.from_bytes(content[:8], "little")
        facts = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["facts"])
        if facts["format"] != FORMAT:
            raise ValueError(f"its format is {facts['format']!r}, not {FORMAT}")
        if facts["catalogue"] != compute_fingerprint(ids):
            raise SimilarityError(f"{PATH} was measured with other products")
        tensors = {name: rows.astype(np.int64) for name, rows in load(content).items()}
        stamps = {str(key): str(value) for key, value in facts["methods"].items()}
        queries, folds = tensors.pop(QUERIES), tensors.pop(FOLDS, None)
        by_method = {key: tensors.pop(f"near {key}") for key in stamps}
        neighbours = Neighbours(ids, stamps, queries, by_method, folds)
        shapes = {rows.shape for rows in by_method.values()}
        if tensors or queries.ndim != 1 or shapes - {(len(queries), neighbours.k)}:
            raise ValueError("its shapes are wrong")
        if folds is not None and folds.shape != (len(ids),):
            raise ValueError("its folds have the wrong shape")
        for rows in (queries, *by_method.values()):
            if rows.size and not 0 <= rows.min() <= rows.max() < len(ids):
                raise ValueError("its products are out of range")
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(f"{PATH} is damaged ({type(error).__name__}: {error})") from error
    return neighbours


def load_neighbours(catalogue: Catalogue) -> Neighbours:
    """Load the neighbours of an opened catalogue.

    Raises SimilarityError, with the command that measures them, if there are none or if the
    products or vectors have changed since.
    """
    with add_build_remedy(catalogue):
        neighbours = from_bytes(catalogue.generation.read(PATH), catalogue.products.index.tolist())
        require_same_vectors(catalogue, catalogue.fingerprint, neighbours.stamps, PATH)
        return neighbours
