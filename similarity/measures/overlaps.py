"""Where methods differ: what a build stores of how little their answers to products overlap."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from similarity.errors import SimilarityError
from similarity.methods import METHODS
from similarity.search import Catalogue

MEASURES = "measures"  # the folder of a generation with what builds measure of its indexes
PLACE = f"{MEASURES}/overlaps.json"
FORMAT = 1
K = 12  # results of each method that are compared


@dataclass(frozen=True)
class Overlaps:
    """Of each product of a sample, how many of the first k results each two methods share.

    `shared` has a row for each two of the methods, in the order of `combinations(methods, 2)`, and
    a column for each product.
    """

    k: int
    catalogue: str  # the fingerprint of the products
    methods: Mapping[str, str]  # revisions by key
    products: Sequence[str]
    shared: npt.NDArray[np.int64]

    def means(self, methods: Sequence[str]) -> npt.NDArray[np.float64]:
        """The mean over each two of these methods, product by product: (n,).

        Raises KeyError unless two of them at least, and all of them, were compared.
        """
        rows = {pair: row for row, pair in enumerate(combinations(self.methods, 2))}
        ordered = [key for key in self.methods if key in methods]
        chosen = [rows[pair] for pair in combinations(ordered, 2)]
        if not chosen or len(ordered) != len(methods):
            raise KeyError(f"{methods} are not compared")
        return self.shared[chosen].mean(0)

    def least(self, methods: Sequence[str]) -> list[str]:
        """The products by that mean, least first, equal ones in the catalogue's order."""
        return [self.products[i] for i in np.argsort(self.means(methods), kind="stable")]


def facts(k: int, catalogue: str, methods: Mapping[str, str]) -> dict[str, Any]:
    """What is stored beside the numbers: what they are of."""
    return {"format": FORMAT, "k": k, "catalogue": catalogue, "methods": dict(methods)}


def to_json(found: Overlaps) -> bytes:
    """The file's content."""
    stored = facts(found.k, found.catalogue, found.methods)
    stored |= {"products": list(found.products), "shared": found.shared.tolist()}
    return json.dumps(stored).encode()


def from_json(content: bytes) -> Overlaps:
    """What `to_json` wrote. Raises SimilarityError for anything else."""
    try:
        stored = json.loads(content)
        if stored["format"] != FORMAT:
            raise ValueError(f"its format is {stored['format']!r}, not {FORMAT}")
        k, methods, products = stored["k"], stored["methods"], stored["products"]
        pairs = len(methods) * (len(methods) - 1) // 2
        shared = np.array(stored["shared"], np.int64).reshape(pairs, len(products))
        texts = [stored["catalogue"], *methods, *methods.values(), *products]
        if not ((shared >= 0) & (shared <= k)).all():
            raise ValueError("its numbers are none")
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("its names are none")
        return Overlaps(k, stored["catalogue"], methods, products, shared)
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(f"{PLACE} is damaged ({type(error).__name__}: {error})") from error


def stored_overlaps(catalogue: Catalogue) -> Overlaps:
    """Those of an opened catalogue.

    Raises SimilarityError, with the command that measures them, if there are none or if they are
    not of these products and of methods as they are now.
    """
    try:
        found = from_json(catalogue.generation.read(PLACE))
        if found.catalogue != catalogue.fingerprint:
            raise SimilarityError(f"{PLACE} is of other products")
        for key, revision in found.methods.items():
            if key not in METHODS or catalogue.method(key).revision != revision:
                raise SimilarityError(f"{PLACE} is of another '{key}'")
        return found
    except SimilarityError as error:
        command = catalogue.build_command(",".join(catalogue.methods))
        raise SimilarityError(f"{error}. Build it: {command}") from error
