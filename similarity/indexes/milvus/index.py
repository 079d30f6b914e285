"""Cosine search in Milvus, where the vectors are: one collection holds those of one method.

A row of a collection is a product: its id, its unit vector, its attributes. A collection may hold
products that this catalogue does not have, while a build adds some or a reader keeps others: they
are passed over here, so that an answer is of this catalogue's products alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from similarity.errors import SimilarityError
from similarity.indexes.base import (
    IDS,
    Facts,
    Files,
    Positions,
    Rows,
    Scores,
    UnitVectors,
    best,
    fingerprint,
    scan,
)
from similarity.indexes.effort import read_recall
from similarity.indexes.milvus.database import PATIENCE, address, connect, load, speaking, stated

LARGEST = 32_768  # dimensions that Milvus can hold
MOST = 16_384  # answers that Milvus gives at a time
ALL = 65_536  # cells, as many as Milvus can have: to look into so many is to compare every product
AT_ONCE = 2_000_000  # bytes of rows that are asked for at a time
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


class MilvusIndex(UnitVectors):
    """The exact kind: Milvus' FLAT compares every product."""

    exact = True
    type = "FLAT"

    wanted: float  # the share of the exact answer that `probes` was chosen for
    address: str
    collection: str
    attributes: str  # a hash of those that the products had when they were written
    cells: int  # into which Milvus sorts each segment of a collection; of FLAT none
    probes: int  # how many of them a search looks into

    def __init__(self, ids: Sequence[str], dim: int) -> None:
        self.count, self._ids, self._dim = len(ids), ids, dim
        self._sorted = np.array(ids, "S")
        self._order = np.argsort(self._sorted, kind="stable")
        self._sorted = self._sorted[self._order]

    @classmethod
    def open(cls, files: Files, dim: int, count: int) -> Self:
        ids = files.read(IDS).decode("ascii").split("\n")
        if len(ids) != count:
            raise ValueError(f"{IDS} has {len(ids)} lines, not {count}")
        return cls(ids, dim)

    def told(self, facts: Facts) -> None:
        """Also see that the collection is there and holds these products. Raises Unavailable."""
        self.recall = {} if self.exact else read_recall(facts)
        self.wanted = 1.0 if self.exact else float(facts["wanted"])
        self._take(facts["milvus"])
        products = fingerprint(self._ids)
        if products != facts["catalogue"]:
            raise ValueError(f"{IDS} names other products")
        found, where = stated(self.address, self.collection), f"in Milvus at {self.address}"
        if (found.get("dim"), found.get("index")) != (self._dim, self.type):
            raise SimilarityError(
                f"the collection '{self.collection}' {where} holds {found.get('dim', 'no')} "
                f"dimensions for {found.get('index', 'no')} search, not {self._dim} for {self.type}"
            )
        if products not in found.get("holds", ()):
            raise SimilarityError(f"the collection '{self.collection}' {where} is of others now")
        load(self.address, self.collection)

    def _take(self, where: Mapping[str, Any]) -> None:
        self.address, self.collection = address(where["address"]), where["collection"]
        self.attributes = where["attributes"]
        self.cells, self.probes = int(where["cells"]), int(where["probes"])
        if not NAME.fullmatch(self.collection) or not 0 <= self.probes <= ALL:
            raise ValueError(f"it is in {where}")

    def read(self, positions: Positions) -> Rows:
        if len(positions) and not 0 <= positions.min() <= positions.max() < self.count:
            raise IndexError(positions)
        rows = np.empty((len(positions), self._dim), np.float32)
        step = max(1, AT_ONCE // (4 * self._dim))
        for start in range(0, len(positions), step):
            some = [self._ids[i] for i in positions[start : start + step].tolist()]
            with speaking(self.address, self.collection):
                found = connect(self.address).get(
                    self.collection, list(set(some)), output_fields=["vector"], timeout=PATIENCE
                )
            vectors = {each["id"]: each["vector"] for each in found}
            if missing := [product for product in some if product not in vectors]:
                raise self._lacks(missing[0])
            rows[start : start + step] = [vectors[product] for product in some]
        return rows

    def search(self, row: Rows, k: int, leave_out: int = -1) -> tuple[Positions, Scores]:
        return self._nearest(row, k, leave_out, self.probes)

    def search_exactly(self, row: Rows, k: int, leave_out: int = -1) -> tuple[Positions, Scores]:
        return self._nearest(row, k, leave_out, ALL)

    def _nearest(self, row: Rows, k: int, leave_out: int, probes: int) -> tuple[Positions, Scores]:
        wanted = k + 32
        while wanted <= MOST:
            positions, scores = self.ask(row[None], wanted, probes)[0]
            ended = len(positions) < wanted  # that is all there is where it looked
            cut = scores[-1] if len(scores) else 0.0
            keep = (positions >= 0) & (positions != leave_out)
            positions, scores = positions[keep], scores[keep]
            # Milvus keeps any of several equal scores: ask for more until none is cut off.
            if len(scores) >= k and (ended or scores[k - 1] > cut):
                return best(scores, positions, k)
            if ended:
                if self.exact or probes == ALL:
                    if len(positions) < self.count - (leave_out >= 0):
                        raise self._lacks()
                    return best(scores, positions, k)
                break
            wanted *= 2
        return scan(self.blocks(), row, k, leave_out)

    def ask(
        self, rows: Rows, limit: int, probes: int, patience: float = PATIENCE
    ) -> list[tuple[Positions, Scores]]:
        """What Milvus answers to each of some rows (n, dim), nearest first: positions and cosines.

        At most MOST; a position is -1 where the product is none of this catalogue's.
        """
        params = {"nprobe": probes} if self.type != "FLAT" else {}
        with speaking(self.address, self.collection):
            answers = connect(self.address).search(
                self.collection,
                list(np.ascontiguousarray(rows, np.float32)),
                limit=limit,
                search_params={"metric_type": "IP", "params": params},
                timeout=patience,
            )
        return [(self._positions([hit["id"] for hit in hits]), _scores(hits)) for hits in answers]

    def _positions(self, products: list[str]) -> Positions:
        names = np.array(products, self._sorted.dtype)
        places = np.searchsorted(self._sorted, names).clip(max=self.count - 1)
        return np.where(self._sorted[places] == names, self._order[places], -1)

    def blocks(self) -> Iterator[tuple[int, Rows]]:
        """All rows in their order, some at a time, each time with the first one's position."""
        step = max(1, AT_ONCE // (4 * self._dim))
        for start in range(0, self.count, step):
            yield start, self.read(np.arange(start, min(start + step, self.count)))

    def _lacks(self, product: str = "products") -> SimilarityError:
        return SimilarityError(
            f"the collection '{self.collection}' in Milvus at {self.address} lacks {product}"
        )


class MilvusCells(MilvusIndex):
    """The kind for large catalogues: Milvus' IVF_FLAT looks into the nearest cells, and compares
    all that they hold exactly, so that a score is a true one and a product may be missed."""

    exact = False
    type = "IVF_FLAT"


def _scores(hits: Any) -> Scores:
    return np.array([hit["distance"] for hit in hits], np.float64)
