"""The nearest products of a catalogue's own, by every method: a build stores them.

What pages show of where methods differ is computed from them, for any k up to K.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.indexes import Positions, fingerprint
from similarity.measures.files import MEASURES, of_these, refused

PLACE = f"{MEASURES}/neighbours.safetensors"
FORMAT = 3
K = 48  # stored of each product and method: the most that Compare shows
WALKED = 12  # the first of each answer that are compared where products are put in order
QUERIES, FOLDS = "queries", "folds"


@dataclass(frozen=True)
class Neighbours:
    """The k nearest of each product of a sample, by each method, found by exact search.

    `queries` (n,) and each of `near` (n, k) are positions in the catalogue, `ids` its products;
    `stamps` say by key which vectors they are of. `folds` (products,) are all products' numbers of
    random parts, which say how sure figures are: see similarity.measures.metrics.folds.
    """

    ids: Sequence[str]
    stamps: Mapping[str, str]
    queries: Positions
    near: Mapping[str, Positions]
    folds: Positions | None = None  # where nothing is asked of them
    _shared: dict[tuple[str, str, int], Positions] = field(default_factory=dict, repr=False)

    @property
    def methods(self) -> list[str]:
        """Keys of the methods that were compared."""
        return list(self.near)

    @property
    def k(self) -> int:
        """How many are stored of each product."""
        return min(K, len(self.ids) - 1)

    @property
    def products(self) -> list[str]:
        """The ids of the sample."""
        return [self.ids[i] for i in self.queries]

    def shared(self, one: str, other: str, k: int) -> npt.NDArray[np.int64]:
        """Of each product, how many of its first k by one method are among those by the other."""
        found = self._shared.get((one, other, k))
        if found is None:  # counted once: every run of a page asks
            first, second = self.near[one][:, :k], self.near[other][:, :k]
            found = (first[:, :, None] == second[:, None, :]).sum((1, 2))
            self._shared[one, other, k] = found
        return found

    def means(self, methods: Sequence[str], k: int = WALKED) -> npt.NDArray[np.float64]:
        """The mean of `shared` over each two of these methods, product by product: (n,).

        Raises KeyError unless two of them at least, and all of them, were compared.
        """
        if len(methods) < 2 or not set(methods) <= self.near.keys():
            raise KeyError(f"{methods} are not compared")
        pairs = combinations(methods, 2)
        return np.mean([self.shared(one, other, k) for one, other in pairs], axis=0)

    def least(self, methods: Sequence[str], k: int = WALKED) -> list[str]:
        """The products by that mean, least first, equal ones in the catalogue's order."""
        products = self.products
        return [products[i] for i in np.argsort(self.means(methods, k), kind="stable")]


def to_bytes(found: Neighbours) -> bytes:
    """The file's content."""
    tensors = {QUERIES: found.queries, **{f"near {key}": near for key, near in found.near.items()}}
    if found.folds is not None:
        tensors[FOLDS] = found.folds
    facts = {"format": FORMAT, "catalogue": fingerprint(found.ids), "methods": found.stamps}
    return save(
        {name: np.ascontiguousarray(rows, np.int32) for name, rows in tensors.items()},
        {"facts": json.dumps(facts)},  # one alone: several are written in no order
    )


def from_bytes(content: bytes, ids: Sequence[str]) -> Neighbours:
    """What `to_bytes` wrote of these products. Raises SimilarityError for anything else."""
    try:
        size = int.from_bytes(content[:8], "little")
        facts = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["facts"])
        if facts["format"] != FORMAT:
            raise ValueError(f"its format is {facts['format']!r}, not {FORMAT}")
        if facts["catalogue"] != fingerprint(ids):
            raise SimilarityError(f"{PLACE} is of other products")
        tensors = {name: rows.astype(np.int64) for name, rows in load(content).items()}
        stamps = {str(key): str(value) for key, value in facts["methods"].items()}
        queries, folds = tensors.pop(QUERIES), tensors.pop(FOLDS, None)
        near = {key: tensors.pop(f"near {key}") for key in stamps}
        found = Neighbours(ids, stamps, queries, near, folds)
        shapes = {rows.shape for rows in near.values()}
        if tensors or queries.ndim != 1 or shapes - {(len(queries), found.k)}:
            raise ValueError("its shapes are wrong")
        if folds is not None and folds.shape != (len(ids),):
            raise ValueError("its folds are not of its products")
        for rows in (queries, *near.values()):
            if rows.size and not 0 <= rows.min() <= rows.max() < len(ids):
                raise ValueError("its numbers are none")
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(f"{PLACE} is damaged ({type(error).__name__}: {error})") from error
    return found


def stored_neighbours(catalogue: Catalogue) -> Neighbours:
    """Those of an opened catalogue.

    Raises SimilarityError, with the command that measures them, if there are none or if they are
    not of these products and of the indexes as they are now.
    """
    with refused(catalogue):
        found = from_bytes(catalogue.generation.read(PLACE), catalogue.products.index.tolist())
        of_these(catalogue, catalogue.fingerprint, found.stamps, PLACE)
        return found
