"""The file of maps: each method's map, and how far it can be trusted.

A map is drawn from the nearest neighbours in a method's own space and preserves what two dimensions
can. How much it preserves is measured, and pages show the true neighbours on it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked
from safetensors.numpy import load, save

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError, get_reason
from similarity.indexes import Positions, compute_fingerprint
from similarity.measures.files import (
    MEASURES,
    STRICT,
    add_build_remedy,
    require_same_vectors,
    stored_as,
)
from similarity.measures.metrics.schema import Figure
from similarity.measures.neighbours.schema import Neighbours

PATH = f"{MEASURES}/maps.safetensors"
FORMAT = 1
MAX_PRODUCTS = 20_000  # on a map
MIN_PRODUCTS = 50  # smaller catalogues are better viewed on Compare
K = 10  # neighbours per product that are stored, drawn as lines and judged

Coordinates = npt.NDArray[np.float32]  # (n, 2), without unit
Judgments = npt.NDArray[np.float64]


@checked(frozen=True, config=STRICT)
class Quality:
    """What a map preserves, averaged over n products: see `judge_map`."""

    trustworthiness: Figure
    overlap: Annotated[Figure, stored_as("kept")]
    n: int


@checked(frozen=True, config=STRICT)
class Facts:
    """The metadata of the file: products, stamps of the vectors, algorithm and quality."""

    format: int
    catalogue: str
    methods: dict[str, str]
    algorithm: Annotated[str, stored_as("how")]
    quality: dict[str, Quality]


@dataclass(frozen=True)
class Maps:
    """Maps of a sample of a catalogue's products, by method, and the products' neighbours.

    The queries of `neighbours` are the products' positions in the catalogue. `coordinates` are
    aligned with the first method's.
    """

    neighbours: Neighbours
    coordinates: Mapping[str, Coordinates]
    quality: Mapping[str, Quality]
    algorithm: str

    @property
    def methods(self) -> list[str]:
        """Keys of the methods that have a map."""
        return list(self.coordinates)

    @cached_property
    def map_neighbours(self) -> Mapping[str, Positions]:
        """The nearest neighbours of each product (n, K), as numbers on the map."""
        return {
            k: np.searchsorted(self.neighbours.queries, positions)
            for k, positions in self.neighbours.by_method.items()
        }


class SpaceRanks(NamedTuple):
    """The ranks in a method's own space that its map is judged by.

    `neighbours` (n, K) are numbers on the map. `judged` (m,) are the products that the map is
    judged by, and `ranks` (m, n) how many others precede each product in the results of each of
    them.
    """

    neighbours: Positions
    judged: Positions
    ranks: npt.NDArray[np.uint16]


def align(coordinates: Coordinates, first: Coordinates) -> Coordinates:
    """Rotate and mirror a map so that its products are as close as possible to another's: (n, 2).

    Distances don't change. The orthogonal Procrustes problem (Schönemann 1966).
    """
    centred, target = (points - points.mean(0) for points in (coordinates, first))
    from scipy.linalg import orthogonal_procrustes

    return (centred @ orthogonal_procrustes(centred, target)[0]).astype(np.float32)


def judge_map(neighbours: Positions, space_ranks: SpaceRanks) -> Judgments:
    """Return what a map preserves for each judged product: (m, 2).

    `neighbours` (m, K) are the nearest products on the map. The first column is the product's part
    of trustworthiness, whose mean over all products is that of Venna and Kaski (2001): 1 minus a
    penalty for products among the K nearest on the map but not in the method's space, which grows
    with their rank in the space. The second is how many of the K nearest in the space are among
    those on the map.
    """
    n = space_ranks.ranks.shape[1]
    ranks = np.take_along_axis(space_ranks.ranks, neighbours, 1).astype(np.int64) + 1
    lost = np.maximum(ranks - K, 0).sum(1) * 2 / (K * (2 * n - 3 * K - 1))
    overlap = (
        space_ranks.neighbours[space_ranks.judged][:, :, None] == neighbours[:, None, :]
    ).sum((1, 2))
    return np.stack([1 - lost, overlap], 1)


def to_bytes(maps: Maps) -> bytes:
    """Return the file's content."""
    neighbours = maps.neighbours
    facts = Facts(
        FORMAT,
        compute_fingerprint(neighbours.ids),
        dict(neighbours.stamps),
        maps.algorithm,
        dict(maps.quality),
    )
    tensors = {"products": neighbours.queries.astype(np.int32)}
    tensors |= {f"near {key}": rows.astype(np.int32) for key, rows in neighbours.by_method.items()}
    coordinates = {
        f"place {key}": rows.astype(np.float32) for key, rows in maps.coordinates.items()
    }
    return save(
        {name: np.ascontiguousarray(rows) for name, rows in (tensors | coordinates).items()},
        {"facts": TypeAdapter(Facts).dump_json(facts).decode()},
    )


def from_bytes(content: bytes, ids: Sequence[str]) -> Maps:
    """Read what `to_bytes` wrote for these products. Raises SimilarityError for anything else."""
    try:
        size = int.from_bytes(content[:8], "little")
        content_facts = json.loads(content[8 : 8 + size])["__metadata__"]["facts"]
        facts = TypeAdapter(Facts).validate_json(content_facts, by_name=False)
        if facts.format != FORMAT:
            raise ValueError(f"its format is {facts.format}, not {FORMAT}")
        if facts.catalogue != compute_fingerprint(ids):
            raise SimilarityError(f"{PATH} was measured with other products")
        tensors = load(content)
        products = tensors.pop("products").astype(np.int64)
        neighbours = {key: tensors.pop(f"near {key}").astype(np.int64) for key in facts.methods}
        coordinates = {key: tensors.pop(f"place {key}").astype(np.float32) for key in facts.methods}
        shapes = {rows.shape for rows in neighbours.values()} - {(len(products), K)}
        shapes |= {rows.shape for rows in coordinates.values()} - {(len(products), 2)}
        if tensors or shapes or products.ndim != 1 or facts.quality.keys() != neighbours.keys():
            raise ValueError("its shapes are wrong")
        if not 0 <= products[0] <= products[-1] < len(ids) or (np.diff(products) < 1).any():
            raise ValueError("its products are out of range")
        if not all(np.isin(rows, products).all() for rows in neighbours.values()):
            raise ValueError("its neighbours are not on the map")
        if not all(np.isfinite(rows).all() for rows in coordinates.values()):
            raise ValueError("its coordinates are not finite")
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(
            f"{PATH} is damaged ({type(error).__name__}: {get_reason(error)})"
        ) from error
    return Maps(
        Neighbours(ids, facts.methods, products, neighbours),
        coordinates,
        facts.quality,
        facts.algorithm,
    )


def load_maps(catalogue: Catalogue) -> Maps:
    """Load the maps of an opened catalogue.

    Raises SimilarityError, with the command that draws them, if there are none or if the products
    or vectors have changed since.
    """
    with add_build_remedy(catalogue):
        maps = from_bytes(catalogue.generation.read(PATH), catalogue.products.index.tolist())
        require_same_vectors(catalogue, catalogue.fingerprint, maps.neighbours.stamps, PATH)
        return maps
