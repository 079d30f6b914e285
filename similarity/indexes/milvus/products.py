"""What Milvus stores of products besides their vectors."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from similarity.indexes.base import compute_fingerprint
from similarity.store.table import RESERVED_COLUMNS

MAX_TEXT = 1000  # characters of an attribute
MAX_BYTES = 60_000  # of all attributes of a product; Milvus accepts 65,536


def serialise_attributes(products: pd.DataFrame) -> list[str]:
    """Return every product's attributes as JSON, within the size that Milvus accepts."""
    names = [str(name) for name in products if name not in RESERVED_COLUMNS]
    serialised = []
    for values in products[names].itertuples(index=False, name=None):
        attributes: dict[str, str] = {}
        size = 2
        for name, value in zip(names, values, strict=True):
            text = str(value)[:MAX_TEXT]
            size += len(json.dumps({name: text}, ensure_ascii=False).encode())
            if size <= MAX_BYTES:
                attributes[name] = text
        serialised.append(json.dumps(attributes, ensure_ascii=False, sort_keys=True))
    return serialised


@dataclass(frozen=True)
class Products:
    """A catalogue's products for Milvus: ids and attributes, in catalogue order."""

    ids: Sequence[str]
    attributes: Sequence[str]

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
