"""One method's collection in Milvus, and how a build writes it.

A build writes into a collection before it publishes, and removes products only afterwards, so
readers of the previous generation find all its products. A property of the collection names the
lists of products that it holds completely; a build writes into a collection only if it holds one of
the build's own lists.
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
from similarity.indexes import Rows
from similarity.indexes.approximate.index import choose_cell_count
from similarity.indexes.folder import INDEXES, MANIFEST
from similarity.indexes.milvus.database import (
    FACTS,
    UnreachableError,
    connect,
    load_collection,
    parse_address,
    read_properties,
    translate_errors,
)
from similarity.indexes.milvus.index import MilvusCells, MilvusIndex
from similarity.indexes.milvus.products import Products, list_numbers
from similarity.inference import Precision
from similarity.methods import Method
from similarity.store.generations import Generation
from similarity.store.progress import Step

FORMAT = 2  # of a collection
BUILD_TIMEOUT = 60.0  # s: timeout of a build's request; broken connections are retried within it
RETRY_INTERVAL = 1.0  # s between retries
SORT_TIMEOUT = 1800.0  # s for Milvus to load a collection or to sort its vectors into cells
BATCH_SIZE = 500  # products per request
BATCH_BYTES = 4_000_000  # bytes of vectors per request
SEGMENT_BYTES = 512_000_000  # bytes of vectors that Milvus sorts into cells together
SEALED_STATES = ("3", "Sealed", "SegmentState.Sealed")


def get_owner(folder: Path) -> str:
    """Return the owner of a catalogue's collections: its folder and machine."""
    return f"{socket.gethostname()}:{folder.resolve()}"


class Collection:
    """One method's collection in Milvus, as one catalogue's builds write it."""

    def __init__(
        self,
        address: str,
        folder: Path,
        method: Method,
        kind: str,
        count: int,
        precision: Precision = "fp32",
    ) -> None:
        self.address, self.method = address, method
        self.index: type[MilvusIndex] = MilvusCells if kind == "milvus-cells" else MilvusIndex
        segment_size = min(count, SEGMENT_BYTES // (4 * method.dim))
        self.cells = 0 if self.index.exact else choose_cell_count(max(1, segment_size))
        self.owner = get_owner(folder)
        self._facts = {
            "format": FORMAT,
            "catalogue": folder.name,
            "method": method.key,
            "revision": method.vectors_revision,
            "index": self.index.type,
            "cells": self.cells,
        }
        if precision != "fp32":
            self._facts["precision"] = precision
        digest = hashlib.sha256(json.dumps(self._facts).encode()).hexdigest()[:8]
        catalogue = folder.name.replace("-", "_")
        self.name = f"similarity_{catalogue}_{method.key}_{digest}"

    @contextmanager
    def hold_lock(self) -> Iterator[None]:
        """Let one build write at a time. Raises SimilarityError if another build holds the lock.

        The lock is a collection, which only one client can create. The next build of the same
        catalogue takes over the lock of a killed build, because the catalogue's folder is locked as
        well.
        """
        lock_name = f"{self.name}_build"
        with translate_errors(self.address, lock_name):
            if not self._client.has_collection(lock_name, timeout=BUILD_TIMEOUT):
                try:
                    self._create(lock_name, dim=2, facts={"by": self.owner}, description=self.owner)
                except Exception:  # clients raise various exceptions if another client was faster
                    if not self._client.has_collection(lock_name, timeout=BUILD_TIMEOUT):
                        raise
            owner = read_properties(self.address, lock_name).get("by")
        if owner != self.owner:
            raise SimilarityError(
                f"Another build is writing into '{self.name}' in Milvus at {self.address}: that of "
                f"{owner}. Wait for it to finish; if it was killed, run it again there, or drop "
                f"the collection '{lock_name}'."
            )
        try:
            yield
        finally:
            with suppress(SimilarityError), translate_errors(self.address):
                self._client.drop_collection(lock_name, timeout=BUILD_TIMEOUT)

    def holds_only(self, products: Products) -> bool:
        """Return whether it holds exactly these products.

        Raises SimilarityError if it is missing.
        """
        properties = read_properties(self.address, self.name)
        return properties.get("holds") == [products.products_hash] and not properties.get("more")

    def prepare(self, allowed: set[str]) -> None:
        """Create the collection, or make sure that an existing one belongs to this catalogue.

        It does if it holds one of the `allowed` lists of products or was left unfinished by this
        catalogue's build. Raises SimilarityError otherwise.
        """
        with translate_errors(self.address, self.name):
            if not self._client.has_collection(self.name, timeout=BUILD_TIMEOUT):
                self._create(self.name, self.method.dim, self._facts | {"by": self.owner})
                return
        properties = read_properties(self.address, self.name)
        expected = self._facts | {"dim": self.method.dim}
        if any(properties.get(name) != value for name, value in expected.items()):
            raise self._make_ownership_error()
        if properties.get("by") != self.owner and not allowed.intersection(
            properties.get("holds", [])
        ):
            raise self._make_ownership_error()

    def _make_ownership_error(self) -> SimilarityError:
        return SimilarityError(
            f"The collection '{self.name}' in Milvus at {self.address} is not of this catalogue. "
            "Drop it there if nobody needs it.",
            Remedy("name"),
        )

    def write(
        self, products: Products, compute_rows: Callable[[Sequence[str]], Rows], step: Step
    ) -> None:
        """Write the products that are missing or whose attributes have changed.

        Products that were written before an interruption are kept.
        """
        activity, hashes = f"Writing to Milvus, {self.method.title}", products.attribute_hashes
        stored = self._read_hashes()
        attributes = dict(zip(products.ids, products.attributes, strict=True))
        missing = [product for product in products.ids if stored.get(product) != hashes[product]]
        size = max(1, min(BATCH_SIZE, BATCH_BYTES // (4 * self.method.dim)))
        for start in range(0, len(missing), size):
            batch = missing[start : start + size]
            step(activity, len(products.ids) - len(missing) + start, len(products.ids))
            values = [json.loads(attributes[product]) for product in batch]
            entities = [
                {
                    "id": product,
                    "vector": row,
                    "told": hashes[product],
                    "attributes": texts,
                    "numbers": list_numbers(texts),
                }
                for product, row, texts in zip(batch, compute_rows(batch), values, strict=True)
            ]
            self._call("upsert", entities)
        step(activity, len(products.ids), len(products.ids))
        if missing:
            self._call("flush")
        stored = self._read_hashes()
        if any(stored.get(product) != hashes[product] for product in products.ids):
            raise SimilarityError(
                f"The collection '{self.name}' in Milvus at {self.address} lacks products that "
                "were written to it: does another program change it? Run the same command again."
            )
        complete_lists = [
            str(each) for each in read_properties(self.address, self.name).get("holds", [])
        ]
        self._set_properties([*complete_lists, products.products_hash], more=True)
        if not self.index.exact:
            self._wait_until_sorted(step)

    def remove_others(self, products: Products) -> None:
        """Remove all other products, which nobody reads any more."""
        surplus = sorted(self._read_hashes().keys() - set(products.ids))
        self._set_properties([products.products_hash], more=bool(surplus))
        for start in range(0, len(surplus), BATCH_SIZE):
            self._call("delete", surplus[start : start + BATCH_SIZE])
        if surplus:
            self._set_properties([products.products_hash], more=False)

    def describe(self, products: Products, probes: int) -> dict[str, Any]:
        """Return what a manifest states about the location of the vectors."""
        return {
            "address": self.address,
            "collection": self.name,
            "index": self.index.type,
            "cells": self.cells,
            "probes": probes,
            "attributes": products.attributes_hash,
            "filters": products.are_whole,
        }

    @property
    def _client(self) -> Any:
        return connect(self.address, create=True)

    def _call(self, operation: str, *arguments: Any) -> None:
        """Call a client's operation on the collection, and retry if the connection breaks."""
        retrying = Retrying(
            retry=retry_if_exception_type(UnreachableError),
            stop=stop_after_delay(BUILD_TIMEOUT),
            wait=wait_fixed(RETRY_INTERVAL),
            reraise=True,
        )
        for attempt in retrying:
            with attempt, translate_errors(self.address, self.name):
                getattr(self._client, operation)(self.name, *arguments, timeout=BUILD_TIMEOUT)

    def _create(self, name: str, dim: int, facts: Mapping[str, Any], description: str = "") -> None:
        from pymilvus import DataType

        client = self._client
        schema = client.create_schema(auto_id=False, description=description)
        schema.add_field("id", DataType.VARCHAR, max_length=20, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
        schema.add_field("told", DataType.VARCHAR, max_length=16)
        schema.add_field("attributes", DataType.JSON)
        schema.add_field("numbers", DataType.JSON)
        index, cells = client.prepare_index_params(), {"nlist": self.cells} if self.cells else {}
        # servers expect the number of cells at the top level, Milvus Lite under 'params'
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
            timeout=BUILD_TIMEOUT,
        )

    def _set_properties(self, holds: Sequence[str], more: bool) -> None:
        """Record which lists of products are complete, and whether there may be others."""
        facts = self._facts | {
            "by": self.owner,
            "holds": list(dict.fromkeys(holds)),
            "more": more,
        }
        self._call("alter_collection_properties", {FACTS: json.dumps(facts)})

    def _read_hashes(self) -> dict[str, str]:
        """Return the hash of each stored product's attributes, by id."""
        hashes: dict[str, str] = {}
        load_collection(self.address, self.name, SORT_TIMEOUT)
        with translate_errors(self.address, self.name):
            rows = self._client.query_iterator(
                self.name,
                batch_size=10_000,
                output_fields=["id", "told"],
                consistency_level="Strong",
                timeout=BUILD_TIMEOUT,
            )
            while batch := rows.next():
                hashes |= {entity["id"]: entity["told"] for entity in batch}
            rows.close()
        return hashes

    def _wait_until_sorted(self, step: Step) -> None:
        """Wait until Milvus has sorted all vectors into cells.

        Milvus compares unsorted vectors one by one, so a recall that is measured before would be
        too high.
        """
        started = time.monotonic()
        with translate_errors(self.address):  # Milvus Lite sorts as it writes
            is_lite = "milvus_lite" in self._client.get_server_version(timeout=BUILD_TIMEOUT)
        while True:
            with translate_errors(self.address, self.name):
                state = self._client.describe_index(self.name, "vector", timeout=BUILD_TIMEOUT)
                growing = 0
                if not is_lite:
                    segments = self._client.list_loaded_segments(self.name, timeout=BUILD_TIMEOUT)
                    growing = sum(
                        segment.num_rows
                        for segment in segments
                        if str(segment.state) not in SEALED_STATES
                    )
            if not state["pending_index_rows"] and not growing:
                return
            if time.monotonic() > started + SORT_TIMEOUT:
                raise SimilarityError(
                    f"Milvus at {self.address} has not sorted '{self.name}' after "
                    f"{SORT_TIMEOUT / 60:.0f} minutes: run the same command again."
                )
            total = state["total_rows"]
            step(f"Milvus sorts, {self.method.title}", state["indexed_rows"], total)
            time.sleep(0.5)


def drop_collection(address: str, collection: str, fingerprint: str, folder: Path) -> bool:
    """Drop a collection that this catalogue wrote last and that holds only one list of products.

    Returns whether it was dropped. Collections of other catalogues, such as the original of a copy,
    are kept.
    """
    try:
        properties = read_properties(address, collection)
        if properties.get("holds") != [fingerprint] or properties.get("by") != get_owner(folder):
            return False
        with translate_errors(address, collection):
            connect(address).drop_collection(collection, timeout=BUILD_TIMEOUT)
    except SimilarityError:
        return False
    return True


@contextmanager
def lock_all(collections: Sequence[Collection]) -> Iterator[None]:
    """Lock several collections. Raises as `Collection.lock`."""
    with ExitStack() as locks:
        for collection in collections:
            locks.enter_context(collection.hold_lock())
        yield


def list_collections(generation: Generation | None) -> dict[tuple[str, str], str]:
    """Return the collections of a generation's indexes: (address, name) to product fingerprint."""
    collections: dict[tuple[str, str], str] = {}
    for path in generation.sums.list_paths(f"{INDEXES}/") if generation else ():
        if path.endswith(f"/{MANIFEST}"):
            with suppress(SimilarityError, KeyError, TypeError, ValueError):
                manifest = json.loads(generation.read(path))  # type: ignore[union-attr]
                facts = manifest["milvus"]
                key = parse_address(facts["address"]), str(facts["collection"])
                collections[key] = str(manifest["catalogue"])
    return collections
