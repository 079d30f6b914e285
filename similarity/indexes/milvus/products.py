"""What Milvus is told of products beside their vectors."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from similarity.indexes.base import fingerprint
from similarity.store.table import OURS

CLIPPED = 1000  # characters of an attribute
FIELD = 60_000  # bytes of all attributes of a product: Milvus takes 65,536


def attributes_of(products: pd.DataFrame) -> list[str]:
    """Every product's attributes as JSON, of no more bytes than Milvus takes."""
    names = [str(name) for name in products if name not in OURS]
    found = []
    for values in products[names].itertuples(index=False, name=None):
        kept: dict[str, str] = {}
        size = 2
        for name, value in zip(names, values, strict=True):
            text = str(value)[:CLIPPED]
            size += len(json.dumps({name: text}, ensure_ascii=False).encode())
            if size <= FIELD:
                kept[name] = text
        found.append(json.dumps(kept, ensure_ascii=False, sort_keys=True))
    return found


@dataclass(frozen=True)
class Products:
    """What Milvus is told of a catalogue's products: ids and attributes, in catalogue order."""

    ids: Sequence[str]
    attributes: Sequence[str]

    @property
    def told(self) -> dict[str, str]:
        """A hash of each product's attributes."""
        hashes = [hashlib.sha256(each.encode()).hexdigest()[:16] for each in self.attributes]
        return dict(zip(self.ids, hashes, strict=True))

    @property
    def of(self) -> str:
        return fingerprint(self.ids)

    @property
    def hash(self) -> str:
        """One hash of all attributes."""
        return fingerprint(self.attributes)
