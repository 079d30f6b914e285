"""One method's collection in Milvus, and how a build writes it; `index` searches it.

A build writes into a collection before it publishes, and removes from it afterwards: whoever reads
the former generation finds all of its products until nobody does. A collection says in a property
which lists of products it holds whole, and a build writes into it only if it holds one of its own.
"""

import hashlib
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from similarity.errors import Remedy, SimilarityError
from similarity.indexes import (
    Rows,
)
from similarity.indexes.approximate.index import cells_for
from similarity.indexes.folder import INDEXES, MANIFEST
from similarity.indexes.milvus.database import FACTS, Away, address, connect, load, speaking, stated
from similarity.indexes.milvus.index import MilvusCells, MilvusIndex
from similarity.indexes.milvus.products import Products
from similarity.inference import Precision
from similarity.methods import Method
from similarity.store.generations import Generation
from similarity.store.progress import Step

FORMAT = 1  # of a collection
PATIENT = 60.0  # seconds, of a build for one answer; what breaks meanwhile is tried again
PAUSE = 1.0  # seconds before that
SORTED = 1800.0  # seconds for Milvus to load a collection, or to sort what it was given
AT_ONCE = 500  # products
BYTES = 4_000_000  # of vectors that are sent at a time
SEGMENT = 512_000_000  # bytes of vectors that Milvus sorts into cells together
SEALED = ("3", "Sealed", "SegmentState.Sealed")


def owner_of(folder: Path) -> str:
    """Whose builds a collection is of: a catalogue in a folder of some machine."""
    return f"{socket.gethostname()}:{folder.resolve()}"


class Collection:
    """One method's collection in Milvus, as one catalogue's builds write it."""

    def __init__(
        self,
        where: str,
        folder: Path,
        method: Method,
        kind: str,
        count: int,
        precision: Precision = "fp32",
    ) -> None:
        self.where, self.method = where, method
        self.index: type[MilvusIndex] = MilvusCells if kind == "milvus-cells" else MilvusIndex
        together = min(count, SEGMENT // (4 * method.dim))
        self.cells = 0 if self.index.exact else cells_for(max(1, together))
        self.owner = owner_of(folder)
        self._facts = {
            "format": FORMAT,
            "catalogue": folder.name,
            "method": method.key,
            "revision": method.revision,
            "index": self.index.type,
            "cells": self.cells,
        }
        if precision != "fp32":
            self._facts["precision"] = precision
        made = hashlib.sha256(json.dumps(self._facts).encode()).hexdigest()[:8]
        catalogue = folder.name.replace("-", "_")
        self.name = f"similarity_{catalogue}_{method.key}_{made}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one build at a time. Raises SimilarityError if another one has it.

        A lock is a collection, of which Milvus makes one alone. One that a killed build left is
        taken over by the next build of the same catalogue, since its folder is locked too.
        """
        lock = f"{self.name}_build"
        with speaking(self.where, lock):
            if not self._client.has_collection(lock, timeout=PATIENT):
                try:
                    self._create(lock, dim=2, facts={"by": self.owner}, description=self.owner)
                except Exception:  # as many as there are databases: another one was quicker
                    if not self._client.has_collection(lock, timeout=PATIENT):
                        raise
            by = stated(self.where, lock).get("by")
        if by != self.owner:
            raise SimilarityError(
                f"Another build is writing into '{self.name}' in Milvus at {self.where}: that of "
                f"{by}. Wait for it. If it was killed, run it again there; if it is no more, drop "
                f"the collection '{lock}'."
            )
        try:
            yield
        finally:
            with suppress(SimilarityError), speaking(self.where):
                self._client.drop_collection(lock, timeout=PATIENT)

    def settled(self, products: Products) -> bool:
        """Whether it holds just these. Raises SimilarityError if it is not there."""
        found = stated(self.where, self.name)
        return found.get("holds") == [products.of] and not found.get("more")

    def prepare(self, known: set[str]) -> None:
        """Create it, unless it is there and holds one of the `known` lists of products, or is one
        that this catalogue's build left unfinished. Raises SimilarityError if it is another's."""
        with speaking(self.where, self.name):
            if not self._client.has_collection(self.name, timeout=PATIENT):
                self._create(self.name, self.method.dim, self._facts | {"by": self.owner})
                return
        found = stated(self.where, self.name)
        expected = self._facts | {"dim": self.method.dim}
        if any(found.get(name) != value for name, value in expected.items()):
            raise self._foreign()
        if found.get("by") != self.owner and not known.intersection(found.get("holds", [])):
            raise self._foreign()

    def _foreign(self) -> SimilarityError:
        return SimilarityError(
            f"The collection '{self.name}' in Milvus at {self.where} is not of this catalogue. "
            "Drop it there if nobody needs it.",
            Remedy("name"),
        )

    def bring(self, products: Products, rows: Callable[[Sequence[str]], Rows], step: Step) -> None:
        """Write those products that it lacks, or that have other attributes now. Nothing else is
        changed, and whatever was written before an interruption counts."""
        doing, told = f"Writing to Milvus, {self.method.title}", products.told
        there = self._there()
        attributes = dict(zip(products.ids, products.attributes, strict=True))
        lacking = [product for product in products.ids if there.get(product) != told[product]]
        size = max(1, min(AT_ONCE, BYTES // (4 * self.method.dim)))
        for start in range(0, len(lacking), size):
            some = lacking[start : start + size]
            step(doing, len(products.ids) - len(lacking) + start, len(products.ids))
            sent = [
                {
                    "id": product,
                    "vector": row,
                    "told": told[product],
                    "attributes": json.loads(attributes[product]),
                }
                for product, row in zip(some, rows(some), strict=True)
            ]
            self._do("upsert", sent)
        step(doing, len(products.ids), len(products.ids))
        if lacking:
            self._do("flush")
        there = self._there()
        if any(there.get(product) != told[product] for product in products.ids):
            raise SimilarityError(
                f"The collection '{self.name}' in Milvus at {self.where} lacks products that were "
                "written to it: does another program change it? Run the same command again."
            )
        held = [str(each) for each in stated(self.where, self.name).get("holds", [])]
        self._state([*held, products.of], more=True)
        if not self.index.exact:
            self._wait(step)

    def settle(self, products: Products) -> None:
        """Remove all but these products, which nobody reads any more."""
        surplus = sorted(self._there().keys() - set(products.ids))
        self._state([products.of], more=bool(surplus))
        for start in range(0, len(surplus), AT_ONCE):
            self._do("delete", surplus[start : start + AT_ONCE])
        if surplus:
            self._state([products.of], more=False)

    def written(self, products: Products, probes: int) -> dict[str, Any]:
        """What a manifest says of where the vectors are."""
        return {
            "address": self.where,
            "collection": self.name,
            "index": self.index.type,
            "cells": self.cells,
            "probes": probes,
            "attributes": products.hash,
        }

    @property
    def _client(self) -> Any:
        return connect(self.where, create=True)

    def _do(self, what: str, *given: Any) -> None:
        """Have the client do something with the collection, again if the connection breaks."""
        trying = Retrying(
            retry=retry_if_exception_type(Away),
            stop=stop_after_delay(PATIENT),
            wait=wait_fixed(PAUSE),
            reraise=True,
        )
        for attempt in trying:
            with attempt, speaking(self.where, self.name):
                getattr(self._client, what)(self.name, *given, timeout=PATIENT)

    def _create(self, name: str, dim: int, facts: Mapping[str, Any], description: str = "") -> None:
        from pymilvus import DataType

        client = self._client
        schema = client.create_schema(auto_id=False, description=description)
        schema.add_field("id", DataType.VARCHAR, max_length=20, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
        schema.add_field("told", DataType.VARCHAR, max_length=16)
        schema.add_field("attributes", DataType.JSON)
        index, cells = client.prepare_index_params(), {"nlist": self.cells} if self.cells else {}
        # servers read the number of cells by its name, Milvus Lite among 'params'
        index.add_index(
            "vector",
            index_type=self.index.type,
            metric_type="IP",
            params=cells | ({"params": cells} if cells else {}),
        )
        client.create_collection(
            name,
            schema=schema,
            index_params=None if description else index,  # a lock is never searched
            consistency_level="Bounded",
            properties={FACTS: json.dumps(facts)},
            timeout=PATIENT,
        )

    def _state(self, holds: Sequence[str], more: bool) -> None:
        """Say which lists of products it holds whole, and whether it may hold more than these."""
        facts = self._facts | {
            "by": self.owner,
            "holds": list(dict.fromkeys(holds)),
            "more": more,
        }
        self._do("alter_collection_properties", {FACTS: json.dumps(facts)})

    def _there(self) -> dict[str, str]:
        """The products that it holds now, each with the hash of its attributes."""
        found: dict[str, str] = {}
        load(self.where, self.name, SORTED)
        with speaking(self.where, self.name):
            rows = self._client.query_iterator(
                self.name,
                batch_size=10_000,
                output_fields=["id", "told"],
                consistency_level="Strong",
                timeout=PATIENT,
            )
            while some := rows.next():
                found |= {each["id"]: each["told"] for each in some}
            rows.close()
        return found

    def _wait(self, step: Step) -> None:
        """Wait until Milvus has sorted what it was given into cells.

        What it has not, it compares one by one: what was measured then would be too good.
        """
        started = time.monotonic()
        with speaking(self.where):  # Milvus Lite sorts as it writes
            lite = "milvus_lite" in self._client.get_server_version(timeout=PATIENT)
        while True:
            with speaking(self.where, self.name):
                state = self._client.describe_index(self.name, "vector", timeout=PATIENT)
                growing = 0
                if not lite:
                    segments = self._client.list_loaded_segments(self.name, timeout=PATIENT)
                    growing = sum(s.num_rows for s in segments if str(s.state) not in SEALED)
            if not state["pending_index_rows"] and not growing:
                return
            if time.monotonic() > started + SORTED:
                raise SimilarityError(
                    f"Milvus at {self.where} has not sorted '{self.name}' after "
                    f"{SORTED / 60:.0f} minutes: run the same command again."
                )
            total = state["total_rows"]
            step(f"Milvus sorts, {self.method.title}", state["indexed_rows"], total)
            time.sleep(0.5)


def drop(where: str, collection: str, of: str, folder: Path) -> bool:
    """Drop a collection that a catalogue wrote last and that holds nothing but this list of
    products; whether it did. That of another, which this one is a copy of, is left."""
    try:
        found = stated(where, collection)
        if found.get("holds") != [of] or found.get("by") != owner_of(folder):
            return False
        with speaking(where, collection):
            connect(where).drop_collection(collection, timeout=PATIENT)
    except SimilarityError:
        return False
    return True


@contextmanager
def all_locked(collections: Sequence[Collection]) -> Iterator[None]:
    """Every one of them. Raises as `Collection.locked`."""
    with ExitStack() as locks:
        for collection in collections:
            locks.enter_context(collection.locked())
        yield


def collections_of(generation: Generation | None) -> dict[tuple[str, str], str]:
    """Addresses and names of the collections that a generation's indexes are in, and what of."""
    found: dict[tuple[str, str], str] = {}
    for path in generation.sums.below(f"{INDEXES}/") if generation else ():
        if path.endswith(f"/{MANIFEST}"):
            with suppress(SimilarityError, KeyError, TypeError, ValueError):
                manifest = json.loads(generation.read(path))  # type: ignore[union-attr]
                told = manifest["milvus"]
                place = address(told["address"]), str(told["collection"])
                found[place] = str(manifest["catalogue"])
    return found
