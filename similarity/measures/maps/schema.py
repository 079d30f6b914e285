"""Maps: where each method puts products, on a plane, and how far that may be believed.

A build stores them. A map is drawn from the nearest products in a method's own space, and shows of
that space what a plane can: what it keeps is measured, and pages show the true neighbours on it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked
from safetensors.numpy import load, save

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.indexes import Positions, fingerprint
from similarity.measures.files import MEASURES, STRICT, of_these, refused
from similarity.measures.metrics.schema import Figure
from similarity.measures.neighbours.schema import Neighbours

PLACE = f"{MEASURES}/maps.safetensors"
FORMAT = 1
MOST = 20_000  # products on a map
LEAST = 50  # fewer are better looked at on Compare
K = 10  # neighbours that are stored of each product, drawn as lines and judged

Places = npt.NDArray[np.float32]  # (n, 2), in no unit
Judged = npt.NDArray[np.float64]


@checked(frozen=True, config=STRICT)
class Quality:
    """What a map keeps, in the mean over n products: see `judged`."""

    trustworthiness: Figure
    kept: Figure
    n: int


@checked(frozen=True, config=STRICT)
class Facts:
    """What stands beside the numbers: which products and indexes they are of, and how made."""

    format: int
    catalogue: str
    methods: dict[str, str]
    how: str
    quality: dict[str, Quality]


@dataclass(frozen=True)
class Maps:
    """Of some products of a catalogue, by method, their places and their K nearest among them.

    `near` has the products' positions in the catalogue as its queries. `places` are aligned with
    those of the first method.
    """

    near: Neighbours
    places: Mapping[str, Places]
    quality: Mapping[str, Quality]
    how: str

    @property
    def methods(self) -> list[str]:
        """Keys of the methods that have a map."""
        return list(self.places)

    @cached_property
    def numbers(self) -> Mapping[str, Positions]:
        """The nearest of each product, (n, K), as numbers on the map: the catalogue's order."""
        return {k: np.searchsorted(self.near.queries, of) for k, of in self.near.near.items()}


class Ranked(NamedTuple):
    """What of a method's own space a map is judged by.

    `near` (n, K) are numbers on the map. `judged` (m,) are the products that it is judged by, and
    `ranks` (m, n) how many others stand before each product in the answer to each of these.
    """

    near: Positions
    judged: Positions
    ranks: npt.NDArray[np.uint16]


def aligned(places: Places, first: Places) -> Places:
    """A map turned and mirrored, as a whole, so that products stand as near as can be to where they
    stand on the first: (n, 2). All distances on it stay as they are.

    The source is Schönemann 1966, the orthogonal Procrustes problem.
    """
    own, other = (each - each.mean(0) for each in (places, first))
    from scipy.linalg import orthogonal_procrustes

    return (own @ orthogonal_procrustes(own, other)[0]).astype(np.float32)


def judged(near: Positions, of: Ranked) -> Judged:
    """Of each product that a map is judged by, what it keeps: (m, 2).

    `near` (m, K) are the products nearest to it on the map. First its part of trustworthiness,
    whose mean over all products is that of Venna and Kaski 2001: 1 less what is lost by products
    that are among its K nearest on the map but not in the method's space, each the more the further
    down it stands there. Then how many of its K nearest in the space are among those on the map.
    """
    n = of.ranks.shape[1]
    before = np.take_along_axis(of.ranks, near, 1).astype(np.int64) + 1
    lost = np.maximum(before - K, 0).sum(1) * 2 / (K * (2 * n - 3 * K - 1))
    kept = (of.near[of.judged][:, :, None] == near[:, None, :]).sum((1, 2))
    return np.stack([1 - lost, kept], 1)


def to_bytes(found: Maps) -> bytes:
    """The file's content."""
    near = found.near
    facts = Facts(FORMAT, fingerprint(near.ids), dict(near.stamps), found.how, dict(found.quality))
    tensors = {"products": near.queries.astype(np.int32)}
    tensors |= {f"near {key}": rows.astype(np.int32) for key, rows in near.near.items()}
    placed = {f"place {key}": rows.astype(np.float32) for key, rows in found.places.items()}
    return save(
        {name: np.ascontiguousarray(rows) for name, rows in (tensors | placed).items()},
        {"facts": TypeAdapter(Facts).dump_json(facts).decode()},
    )


def from_bytes(content: bytes, ids: Sequence[str]) -> Maps:
    """What `to_bytes` wrote of these products. Raises SimilarityError for anything else."""
    try:
        size = int.from_bytes(content[:8], "little")
        told = json.loads(content[8 : 8 + size])["__metadata__"]["facts"]
        facts = TypeAdapter(Facts).validate_json(told)
        if facts.format != FORMAT:
            raise ValueError(f"its format is {facts.format}, not {FORMAT}")
        if facts.catalogue != fingerprint(ids):
            raise SimilarityError(f"{PLACE} is of other products")
        tensors = load(content)
        products = tensors.pop("products").astype(np.int64)
        near = {key: tensors.pop(f"near {key}").astype(np.int64) for key in facts.methods}
        places = {key: tensors.pop(f"place {key}").astype(np.float32) for key in facts.methods}
        shapes = {rows.shape for rows in near.values()} - {(len(products), K)}
        shapes |= {rows.shape for rows in places.values()} - {(len(products), 2)}
        if tensors or shapes or products.ndim != 1 or facts.quality.keys() != near.keys():
            raise ValueError("its shapes are wrong")
        if not 0 <= products[0] <= products[-1] < len(ids) or (np.diff(products) < 1).any():
            raise ValueError("its products are none")
        if not all(np.isin(rows, products).all() for rows in near.values()):
            raise ValueError("its neighbours are none")
        if not all(np.isfinite(rows).all() for rows in places.values()):
            raise ValueError("its places are none")
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        reason = str(error).splitlines()[0]
        raise SimilarityError(f"{PLACE} is damaged ({type(error).__name__}: {reason})") from error
    return Maps(Neighbours(ids, facts.methods, products, near), places, facts.quality, facts.how)


def stored_maps(catalogue: Catalogue) -> Maps:
    """Those of an opened catalogue.

    Raises SimilarityError, with the command that draws them, if there are none or if they are not
    of these products and of the indexes as they are now.
    """
    with refused(catalogue):
        found = from_bytes(catalogue.generation.read(PLACE), catalogue.products.index.tolist())
        of_these(catalogue, catalogue.fingerprint, found.near.stamps, PLACE)
        return found
