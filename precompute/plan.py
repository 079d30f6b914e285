"""Plan where a method's rows come from, and which kind of index they become."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from precompute.rows import UnfinishedRows, open_finished
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import KINDS, Kind, Rows, Trained, get_kind_folder
from similarity.indexes.approximate.build import reuse_cells
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.milvus.collection import Collection
from similarity.indexes.milvus.index import MilvusCells, MilvusIndex
from similarity.indexes.milvus.products import Products
from similarity.inference import Precision
from similarity.methods import Method
from similarity.methods.candidate import to_facts
from similarity.store.generations import Generation


class Plan:
    """The source of one method's rows: its own, or those of `pictures_plan`."""

    def __init__(
        self,
        method: Method,
        base: Generation | None,
        work: Path,
        precision: Precision = "fp32",
        pictures_plan: "Plan | None" = None,
    ) -> None:
        self.method, self.pictures_plan = method, pictures_plan
        self.kind = self.path = ""
        self.collection: Collection | None = None
        network = (pictures_plan.method if pictures_plan else method).backbone
        self.precision: Precision = precision if network else "fp32"
        self.new_rows = UnfinishedRows(work / get_rows_folder(method, self.precision), method)
        self.old_ids, self._old_index = open_finished(base, method)
        if self._old_index and self._old_index.precision != self.precision:
            self.old_ids, self._old_index = [], None
        self.old_pairs = (
            {kind: sample.source_hash for kind, sample in self._old_index.pairs.items()}
            if self._old_index
            else {}
        )
        self.run_by: str = self.precision if network else ""  # how its network ran, now or before
        # Pictures embedded, and the seconds that this method alone would take for them, without
        # decoding.
        self.embedded, self.seconds = 0, 0.0
        self._old_positions = {product: i for i, product in enumerate(self.old_ids)}

    def set_target(self, kind: str, collection: Collection | None = None) -> None:
        """Set the kind of index to write, and the Milvus collection, if any."""
        self.kind, self.path = kind, get_kind_folder(self.method, kind)
        self.collection = self.pictures_plan.collection if self.pictures_plan else collection

    def has(self, product: str) -> bool:
        if self.pictures_plan:
            return self.pictures_plan.has(product)
        return product in self._old_positions or product in self.new_rows.positions

    def is_up_to_date(
        self, products: Products, pair_hashes: Mapping[Kind, str], recall: float
    ) -> bool:
        """Return whether the existing index has the products, pairs, kind and record of the new."""
        index, collection = self._old_index, self.collection
        if (
            self.old_ids != products.ids
            or self.old_pairs != pair_hashes
            or type(index) is not KINDS[self.kind]
        ):
            return False
        candidate = self.method.candidate
        if index.candidate != (to_facts(candidate) if candidate else None):
            return False
        if isinstance(index, ApproximateIndex | MilvusCells) and index.target_recall != recall:
            return False
        if isinstance(index, ApproximateIndex) and index.filter_recalls is None:
            return False
        return not isinstance(index, MilvusIndex) or (
            collection is not None
            and (index.address, index.collection) == (collection.address, collection.name)
            and index.attributes == products.attributes_hash
        )

    def reuse_cells_for(self, ids: Sequence[str]) -> tuple[Any, Trained] | None:
        """Return the cells that an approximate index of these products can reuse, if any."""
        return reuse_cells(self._old_index, self.old_ids, ids)

    def iterate_rows(self, ids: Sequence[str], size: int = 64) -> Iterator[Rows]:
        """Yield the rows of products in order, in blocks."""
        for start in range(0, len(ids), size):
            yield self.read_rows(ids[start : start + size])

    def read_rows(self, ids: Sequence[str]) -> Rows:
        """Return the rows of some products: (n, dim)."""
        if self.pictures_plan:
            return self.pictures_plan.read_rows(ids)
        # Mapped again for every block: what has been read of a mapped file counts as this process's
        # memory until it is closed, and pixels are gigabytes.
        new = self.new_rows.read()
        rows = np.empty((len(ids), self.method.dim), new.dtype)
        old_rows: list[int] = []
        for number, product in enumerate(ids):
            if product in self.new_rows.positions:
                rows[number] = new[self.new_rows.positions[product]]
            else:
                old_rows.append(number)
        if old_rows:
            assert self._old_index is not None, f"{ids[old_rows[0]]} is in neither"
            rows[old_rows] = self._old_index.read(
                np.array([self._old_positions[ids[number]] for number in old_rows])
            )
        return rows


def drop_failed(plans: Sequence[Plan], failures: Failures) -> list[Plan]:
    """Return the plans whose methods, and the methods that they depend on, have not failed.

    Raises SimilarityError if none is left.
    """
    for plan in plans:
        if plan.pictures_plan and plan.pictures_plan.method in failures:
            cause = f"it needs the pictures of {plan.pictures_plan.method.title}, which failed"
            failures.causes.setdefault(plan.method.key, SimilarityError(cause))
    remaining = [plan for plan in plans if plan.method not in failures]
    if plans and not remaining:
        raise failures.make_error()
    return remaining


def get_rows_folder(method: Method, precision: Precision) -> str:
    """Return where an unfinished build stores the rows of a method's current revision."""
    suffix = "" if precision == "fp32" else f"@{precision}"
    return f"rows/{method.key}@{method.vectors_revision}{suffix}"  # keys contain no @
