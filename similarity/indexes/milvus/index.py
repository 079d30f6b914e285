"""Cosine search in Milvus, where one collection holds the vectors of one method.

An entity of a collection is a product: its id, unit vector and attributes. A collection may
temporarily hold products that this catalogue doesn't have, while a build adds some or a reader
needs others; searches skip them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from similarity.errors import SimilarityError
from similarity.filters import Selection
from similarity.indexes.base import (
    IDS_FILE,
    Facts,
    Files,
    Positions,
    Rows,
    Scores,
    UnitVectors,
    compute_fingerprint,
    search_blocks,
    select_best,
)
from similarity.indexes.effort import read_recall
from similarity.indexes.milvus.database import (
    TIMEOUT,
    connect,
    load_collection,
    parse_address,
    read_properties,
    translate_errors,
)
from similarity.indexes.milvus.expression import write_expression

MAX_DIM = 32_768  # dimensions that Milvus supports
MAX_RESULTS = 16_384  # results that Milvus returns at a time
ALL_CELLS = 65_536  # the most cells that Milvus supports; probing them all compares every product
BATCH_BYTES = 2_000_000  # bytes of rows per request
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


class MilvusIndex(UnitVectors):
    """The exact kind: Milvus's FLAT index compares every product."""

    exact = True
    type = "FLAT"

    target_recall: float  # the share of exact results that `probes` was chosen for
    address: str
    collection: str
    attributes: str  # hash of the products' attributes when they were written
    cells: int  # into which Milvus sorts each segment; 0 for FLAT
    probes: int  # cells probed per search
    can_filter: bool  # whether Milvus holds all attributes in full

    def __init__(self, ids: Sequence[str], dim: int) -> None:
        self.count, self._ids, self._dim = len(ids), ids, dim
        self._sorted = np.array(ids, "S")
        self._order = np.argsort(self._sorted, kind="stable")
        self._sorted = self._sorted[self._order]

    @classmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        ids = files.read(IDS_FILE).decode("ascii").split("\n")
        if len(ids) != count:
            raise ValueError(f"{IDS_FILE} has {len(ids)} lines, not {count}")
        return cls(ids, dim)

    def configure(self, facts: Facts) -> None:
        """Also check that the collection exists and holds these products.

        Raises UnavailableError if the database can't be reached.
        """
        self.recall = {} if self.exact else read_recall(facts)
        self.target_recall = 1.0 if self.exact else float(facts["wanted"])
        self._read_location(facts["milvus"])
        products = compute_fingerprint(self._ids)
        if products != facts["catalogue"]:
            raise ValueError(f"{IDS_FILE} lists other products")
        properties, location = (
            read_properties(self.address, self.collection),
            f"in Milvus at {self.address}",
        )
        if (properties.get("dim"), properties.get("index")) != (self._dim, self.type):
            raise SimilarityError(
                f"the collection '{self.collection}' {location} holds "
                f"{properties.get('dim', 'no')} "
                f"dimensions for {properties.get('index', 'no')} search, not {self._dim} for "
                f"{self.type}"
            )
        if products not in properties.get("holds", ()):
            raise SimilarityError(
                f"the collection '{self.collection}' {location} holds other products now"
            )
        load_collection(self.address, self.collection)

    def _read_location(self, facts: Mapping[str, Any]) -> None:
        self.address, self.collection = parse_address(facts["address"]), facts["collection"]
        self.attributes = facts["attributes"]
        self.can_filter = facts.get("filters") is True
        self.cells, self.probes = int(facts["cells"]), int(facts["probes"])
        if not NAME.fullmatch(self.collection) or not 0 <= self.probes <= ALL_CELLS:
            raise ValueError(f"its location is invalid: {facts}")

    def read(self, positions: Positions) -> Rows:
        if len(positions) and not 0 <= positions.min() <= positions.max() < self.count:
            raise IndexError(positions)
        rows = np.empty((len(positions), self._dim), np.float32)
        step = max(1, BATCH_BYTES // (4 * self._dim))
        for start in range(0, len(positions), step):
            products = [self._ids[i] for i in positions[start : start + step].tolist()]
            with translate_errors(self.address, self.collection):
                entities = connect(self.address).get(
                    self.collection, list(set(products)), output_fields=["vector"], timeout=TIMEOUT
                )
            vectors = {entity["id"]: entity["vector"] for entity in entities}
            if missing := [product for product in products if product not in vectors]:
                raise self._make_missing_error(f"product {missing[0]}")
            rows[start : start + step] = [vectors[product] for product in products]
        return rows

    def search(
        self, row: Rows, k: int, leave_out: int = -1, among: Selection | None = None
    ) -> tuple[Positions, Scores]:
        probes = self.probes if among is None else ALL_CELLS
        return self._search(row, k, leave_out, probes, among)

    def search_exactly(
        self, row: Rows, k: int, leave_out: int = -1, among: Selection | None = None
    ) -> tuple[Positions, Scores]:
        return self._search(row, k, leave_out, ALL_CELLS, among)

    def _search(
        self, row: Rows, k: int, leave_out: int, probes: int, among: Selection | None
    ) -> tuple[Positions, Scores]:
        expression = ""
        if among is not None:
            expression = (self.can_filter and write_expression(among.filter)) or ""
            if not expression or not len(among.positions):
                return search_blocks(self.blocks(among.positions), row, k, leave_out)
        expected = self.count if among is None else len(among.positions)
        expected -= int(leave_out >= 0 and (among is None or among.mask[leave_out]))
        limit = k + 32
        while limit <= MAX_RESULTS:
            positions, scores = self.query(row[None], limit, probes, expression=expression)[0]
            is_last = len(positions) < limit  # there are no more results in the probed cells
            last_score = scores[-1] if len(scores) else 0.0
            keep = (positions >= 0) & (positions != leave_out)
            if among is not None:  # a build may have changed attributes since
                keep &= among.mask[positions]
            positions, scores = positions[keep], scores[keep]
            # Milvus keeps any of several equal scores: ask for more until none of them is cut off.
            if len(scores) >= k and (is_last or scores[k - 1] > last_score):
                return select_best(scores, positions, k)
            if is_last:
                if len(positions) == expected:
                    return select_best(scores, positions, k)
                if among is None and (self.exact or probes == ALL_CELLS):
                    raise self._make_missing_error()
                break
            limit *= 2
        everything = np.arange(self.count) if among is None else among.positions
        return search_blocks(self.blocks(everything), row, k, leave_out)

    def query(
        self,
        rows: Rows,
        limit: int,
        probes: int,
        timeout: float = TIMEOUT,
        expression: str = "",
    ) -> list[tuple[Positions, Scores]]:
        """Return Milvus's results for rows (n, dim), nearest first: positions and cosines.

        At most MAX_RESULTS each, only those that an expression leaves. The position is -1 for
        products of other catalogues.
        """
        params = {"nprobe": probes} if self.type != "FLAT" else {}
        with translate_errors(self.address, self.collection):
            answers = connect(self.address).search(
                self.collection,
                list(np.ascontiguousarray(rows, np.float32)),
                filter=expression,
                limit=limit,
                search_params={"metric_type": "IP", "params": params},
                timeout=timeout,
            )
        return [
            (self._find_positions([hit["id"] for hit in hits]), _to_scores(hits))
            for hits in answers
        ]

    def _find_positions(self, products: list[str]) -> Positions:
        names = np.array(products, self._sorted.dtype)
        indices = np.searchsorted(self._sorted, names).clip(max=self.count - 1)
        return np.where(self._sorted[indices] == names, self._order[indices], -1)

    def blocks(self, positions: Positions) -> Iterator[tuple[Positions, Rows]]:
        """Yield the rows of some products in blocks, with their positions."""
        step = max(1, BATCH_BYTES // (4 * self._dim))
        for start in range(0, len(positions), step):
            block = positions[start : start + step]
            yield block, self.read(block)

    def _make_missing_error(self, entities: str = "products") -> SimilarityError:
        return SimilarityError(
            f"the collection '{self.collection}' in Milvus at {self.address} is missing {entities}"
        )


class MilvusCells(MilvusIndex):
    """The kind for large catalogues: Milvus's IVF_FLAT index probes the nearest cells.

    It compares all products in those cells exactly, so scores are exact but products can be missed.
    Within a filter it probes all cells, because the recall was measured without one.
    """

    exact = False
    type = "IVF_FLAT"

    def compares_all(self, among: Selection | None) -> bool:
        return among is not None


def _to_scores(hits: Any) -> Scores:
    return np.array([hit["distance"] for hit in hits], np.float64)
