"""Where the rows of a method come from in a build, and what kind of index they become."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from precompute.rows import UnfinishedRows, finished
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import KINDS, Kind, Rows, Trained, place_of
from similarity.indexes.approximate.build import kept
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.milvus.collection import Collection
from similarity.indexes.milvus.index import MilvusCells, MilvusIndex
from similarity.indexes.milvus.products import Products
from similarity.inference import Precision
from similarity.methods import Method
from similarity.store.generations import Generation


class Plan:
    """Where one method's rows come from: its own, or those of the plan that `pictures` is."""

    def __init__(
        self,
        method: Method,
        old: Generation | None,
        work: Path,
        precision: Precision = "fp32",
        pictures: "Plan | None" = None,
    ) -> None:
        self.method, self.pictures = method, pictures
        self.kind = self.path = ""
        self.collection: Collection | None = None
        network = (pictures.method if pictures else method).backbone
        self.precision: Precision = precision if network else "fp32"
        self.new = UnfinishedRows(work / rows_folder(method, self.precision), method)
        self.old_ids, self._old = finished(old, method)
        if self._old and self._old.precision != self.precision:
            self.old_ids, self._old = [], None
        self.old_pairs = (
            {kind: found.of for kind, found in self._old.pairs.items()} if self._old else {}
        )
        self.how: str = self.precision if network else ""  # its network ran, now or before
        # Pictures, and what a build of this method alone would take for them but for decoding.
        self.embedded, self.seconds = 0, 0.0
        self._old_positions = {product: i for i, product in enumerate(self.old_ids)}

    def become(self, kind: str, collection: Collection | None = None) -> None:
        """Decide what kind of index is written, and in which of Milvus's collections."""
        self.kind, self.path = kind, place_of(self.method, kind)
        self.collection = self.pictures.collection if self.pictures else collection

    def has(self, product: str) -> bool:
        if self.pictures:
            return self.pictures.has(product)
        return product in self._old_positions or product in self.new.positions

    def built(self, products: Products, of: Mapping[Kind, str], recall: float) -> bool:
        """Whether it is there already as it would be: of these products and pairs, of its kind."""
        old, collection = self._old, self.collection
        if (
            self.old_ids != products.ids
            or self.old_pairs != of
            or type(old) is not KINDS[self.kind]
        ):
            return False
        if isinstance(old, ApproximateIndex | MilvusCells) and old.wanted != recall:
            return False
        return not isinstance(old, MilvusIndex) or (
            collection is not None
            and (old.address, old.collection) == (collection.where, collection.name)
            and old.attributes == products.hash
        )

    def cells(self, ids: Sequence[str]) -> tuple[Any, Trained] | None:
        """What an approximate index of these products can take over."""
        return kept(self._old, self.old_ids, ids)

    def blocks(self, ids: Sequence[str], size: int = 64) -> Iterator[Rows]:
        """The rows of all products in their order, a few at a time."""
        for start in range(0, len(ids), size):
            yield self.rows(ids[start : start + size])

    def rows(self, ids: Sequence[str]) -> Rows:
        """The rows of some products: (n, dim)."""
        if self.pictures:
            return self.pictures.rows(ids)
        # Mapped anew for every block: what was read of a mapped file counts as this process's
        # memory until it is closed, and pixels are gigabytes.
        new = self.new.read()
        rows = np.empty((len(ids), self.method.dim), new.dtype)
        places: list[int] = []
        for place, product in enumerate(ids):
            if product in self.new.positions:
                rows[place] = new[self.new.positions[product]]
            else:
                places.append(place)
        if places:
            assert self._old is not None, f"{ids[places[0]]} is in neither"
            rows[places] = self._old.read(
                np.array([self._old_positions[ids[place]] for place in places])
            )
        return rows


def drop_failed(plans: Sequence[Plan], failures: Failures) -> list[Plan]:
    """Return the plans whose methods have not failed, nor the methods whose pictures they need.

    Raises SimilarityError if none is left.
    """
    for plan in plans:
        if plan.pictures and plan.pictures.method in failures:
            cause = f"it needs the pictures of {plan.pictures.method.title}, which failed"
            failures.causes.setdefault(plan.method.key, SimilarityError(cause))
    left = [plan for plan in plans if plan.method not in failures]
    if plans and not left:
        told = "; ".join(f"{key}: {cause}" for key, cause in failures.causes.items())
        remedies = dict.fromkeys(
            each for cause in failures.causes.values() for each in cause.remedies
        )
        raise SimilarityError(f"No method could be built. {told}", *remedies)
    return left


def rows_folder(method: Method, precision: Precision) -> str:
    """Where an unfinished build keeps the rows of a method as it is now."""
    other = "" if precision == "fp32" else f"@{precision}"
    return f"rows/{method.key}@{method.revision}{other}"  # no key has an @
