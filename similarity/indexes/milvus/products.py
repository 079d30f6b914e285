"""What Milvus stores of products besides their vectors."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from similarity.filters import parse_numbers
from similarity.indexes.base import compute_fingerprint
from similarity.store.table import RESERVED_COLUMNS

MAX_TEXT = 1000  # characters of an attribute
MAX_BYTES = 60_000  # of all attributes of a product; Milvus accepts 65,536


@dataclass(frozen=True)
class Products:
    """A catalogue's products for Milvus: ids and attributes, in catalogue order.

    `attributes` are JSON texts. `are_whole` tells whether they have all attributes in full, so that
    Milvus can filter by them.
    """

    ids: Sequence[str]
    attributes: Sequence[str]
    are_whole: bool = True

    @property
    def attribute_hashes(self) -> dict[str, str]:
        """Hash of each product's attributes, by id."""
        hashes = [hashlib.sha256(each.encode()).hexdigest()[:16] for each in self.attributes]
        return dict(zip(self.ids, hashes, strict=True))

    @property
    def products_hash(self) -> str:
        return compute_fingerprint(self.ids)

    @property
    def attributes_hash(self) -> str:
        """One hash of all attributes."""
        return compute_fingerprint(self.attributes)


def serialise_products(products: pd.DataFrame) -> Products:
    """Return products with their attributes, within the size that Milvus accepts."""
    names = [str(name) for name in products if name not in RESERVED_COLUMNS]
    serialised, are_whole = [], True
    for values in products[names].itertuples(index=False, name=None):
        attributes: dict[str, str] = {}
        size = 2
        for name, value in zip(names, values, strict=True):
            text = str(value)[:MAX_TEXT]
            size += len(json.dumps({name: text}, ensure_ascii=False).encode())
            if size <= MAX_BYTES:
                attributes[name] = text
            are_whole &= attributes.get(name) == value
        serialised.append(json.dumps(attributes, ensure_ascii=False, sort_keys=True))
    return Products(products.index.tolist(), serialised, are_whole)


def list_numbers(attributes: Mapping[str, str]) -> dict[str, float]:
    """Return those of a product's attributes that are numbers."""
    numbers = parse_numbers(list(attributes.values())).tolist()
    return {
        name: number
        for name, number in zip(attributes, numbers, strict=True)
        if not math.isnan(number)
    }
