"""Build a catalogue: scan its pictures, embed what is new, write the indexes, publish."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, NamedTuple, get_args

import numpy as np
from PIL import Image

from precompute.approximate import RECALL, kept, write_approximate
from precompute.collection import Collection, Products, all_locked, attributes_of, drop
from precompute.measures import Rates, measure
from precompute.milvus import collections_of, write_milvus
from precompute.pairs import paired, random_pairs, words_of
from precompute.progress import Step
from precompute.publish import Staging, clear_unused, present, remove
from precompute.rows import UnfinishedRows, finished
from precompute.scan import (
    WORKERS,
    Duplicate,
    Listing,
    Scan,
    Skipped,
    Thumbnails,
    as_csv,
    decoded,
    listed,
    tabulated,
)
from similarity.catalogue import (
    DUPLICATES,
    SKIPPED,
    THUMBNAILS,
    Facts,
    stored,
    thumbnail_path,
)
from similarity.errors import SimilarityError
from similarity.generations import Generation
from similarity.indexes import (
    INDEXES,
    KINDS,
    Kind,
    Rows,
    Trained,
    fingerprint,
    index_class,
    index_kind,
    place_of,
    row_files,
    write_index,
)
from similarity.indexes.approximate import ApproximateIndex
from similarity.indexes.database import connect
from similarity.indexes.milvus import MilvusCells, MilvusIndex
from similarity.inference import Network, Precision, network
from similarity.measures.stored import MEASURES
from similarity.methods import METHODS, Backbone, Method, Prepared
from similarity.methods.base import Seen
from similarity.search import embed_prepared, embedder

WORK = "work"
BATCH = 32  # pictures
TIMED = 16  # of them, by a network alone


@dataclass
class MethodResult:
    """What became of one method: its kind of index, products in it, of which embedded now; bytes on
    disk; how they were embedded."""

    method: Method
    kind: str
    products: int
    embedded: int
    size: int
    how: str  # its network ran, or in which precision it did before


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
        self.precision = precision
        self.new = UnfinishedRows(work / rows_folder(method, self.precision), method)
        self.old_ids, self._old = finished(old, method)
        if self._old and method.backbone and self._old.precision != precision:
            self.old_ids, self._old = [], None
        self.old_pairs = (
            {kind: found.of for kind, found in self._old.pairs.items()} if self._old else {}
        )
        self.how = ""  # its network ran, if it did
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


def build(
    source: Path,
    given: str,
    folder: Path,
    methods: list[Method],
    step: Step,
    recall: float = RECALL,
    milvus: str | None = None,
    precision: Precision = "fp32",
) -> tuple[Scan, list[MethodResult]]:
    """Build or bring up to date the catalogue in `folder`, which has to be locked.

    `source` is the folder of pictures, `given` is it as the user named it. Who reads the catalogue
    sees nothing of the build until all is complete, and then all of it. Where exact search would
    take too long, `recall` is the share of the exact answers that is to be found; all are if it
    is 1. `milvus` is the address of the database that keeps the vectors, if one does. Networks run
    in `precision`, and what was embedded in another before is embedded again.
    Raises SimilarityError; after an interruption the same call goes on.
    """
    if milvus:
        connect(milvus, create=True)  # before hours are spent
    clear_unused(folder)
    old, work = present(folder), folder / WORK
    thumbnails = Thumbnails(work, old)
    listing = listed(source, thumbnails, lambda done, total: step("Reading files", done, total))
    plans: list[Plan] = []
    for method in methods:
        others = (plan for plan in plans if plan.method == method.pictures_by)
        plans.append(Plan(method, old, work, precision, next(others, None)))
    lacking = {plan.method.key: {p for p in listing.paths if not plan.has(p)} for plan in plans}
    embed(listing, thumbnails, [plan for plan in plans if not plan.pictures], precision, step)
    found = tabulated(listing)
    ids = list(found.products.index)
    for plan in plans:
        method = plan.method
        kind = index_kind(method, len(ids), exact=recall >= 1, milvus=milvus is not None)
        place = (
            milvus
            and kind.startswith("milvus")
            and Collection(milvus, folder, method, kind, len(ids))
        )
        plan.become(kind, place or None)
    rates = {p.method.key: ((p.pictures or p).embedded, (p.pictures or p).seconds) for p in plans}

    words = words_of(found.products)
    products = Products(ids, attributes_of(found.products) if milvus else [])
    built = {
        plan.method.key
        for plan in plans
        if plan.built(products, paired(plan.method, ids, words), recall)
    }
    collections = [
        plan.collection
        for plan in plans
        if plan.collection and not plan.pictures
        if plan.method.key not in built or not plan.collection.settled(products)
    ]
    with all_locked(collections):
        staging = Staging(folder, old)
        for done, plan in enumerate(plans):
            step("Writing indexes", done, len(plans))
            if plan.method.key in built:
                for name in old.part(plan.path).names() if old else ():
                    staging.link(f"{plan.path}/{name}")
            else:
                write(plan, staging.folder / plan.path, products, words, recall, step)
                staging.seal(plan.path)
            if plan.pictures:
                share_rows(plan, plan.pictures, staging)
        step("Writing indexes", len(plans), len(plans))
        published = finish(staging, old, source, given, found, thumbnails, methods, rates, step)
        former = collections_of(old)
        if old:
            old.close()
        alone = clear_unused(folder)
        if alone:  # else the next build does: somebody reads what would go
            for collection in collections:
                collection.settle(products)
        found.notes.extend(leave(former, folder, alone))
    clear_work(work, methods)
    results = []
    for plan in plans:
        size = sum(file.stat().st_size for file in (published / plan.path).iterdir())
        embedded = len(lacking[plan.method.key].intersection(ids))
        how = (plan.pictures or plan).how or (plan.precision if plan.method.backbone else "")
        results.append(MethodResult(plan.method, plan.kind, len(ids), embedded, size, how))
    return found, results


def write(
    plan: Plan,
    place: Path,
    products: Products,
    words: list[str],
    recall: float,
    step: Step,
) -> None:
    """Write one method's index, of whatever kind, into a folder that is not there."""
    method, ids = plan.method, products.ids
    pairs = random_pairs(method, ids, words, plan.rows)
    if plan.collection:
        if not plan.pictures:
            plan.collection.prepare({fingerprint(plan.old_ids), products.of})
            plan.collection.bring(products, plan.rows, step)
        write_milvus(
            place,
            plan.collection,
            method,
            products,
            plan.rows,
            pairs,
            words,
            recall,
            step,
            plan.precision,
        )
    elif plan.kind == "approximate":
        rows = plan.blocks(ids)
        cells = plan.cells(ids)
        write_approximate(
            place, method, ids, rows, pairs, words, recall, cells, step, plan.precision
        )
    else:
        write_index(place, method, ids, plan.blocks(ids), pairs, plan.precision)


def share_rows(plan: Plan, other: Plan, staging: Staging) -> None:
    """Keep the files of rows once that two methods have in common."""
    for name in row_files(path.name for path in (staging.folder / plan.path).iterdir()):
        staging.share(f"{plan.path}/{name}", f"{other.path}/{name}")


def finish(
    staging: Staging,
    old: Generation | None,
    source: Path,
    given: str,
    found: Scan,
    thumbnails: Thumbnails,
    methods: list[Method],
    rates: Rates,
    step: Step,
) -> Path:
    """Add to the indexes whatever else a generation has, and publish it; returns its folder."""
    ids = list(found.products.index)
    for product in ids:
        if product in thumbnails.kept:
            staging.link(thumbnail_path(product))
        else:
            staging.add_file(thumbnail_path(product), thumbnails.place(product))
    for path, content in tables(found, staging.top, source, given).items():
        staging.add(path, content)
    replaced = [f"{INDEXES}/{method.key}" for method in methods]  # whatever kind they were
    take_over(staging, old, [*replaced, MEASURES])
    with closing(staging.preview()) as generation:
        for path, content in measure(generation, old, found.products, rates, step).items():
            staging.add(path, content)
    step("Publishing", 0, 0)
    published = staging.publish(given)
    step("Publishing", 1, 1)
    return published


def leave(former: Mapping[tuple[str, str], str], folder: Path, alone: bool) -> list[str]:
    """Drop the collections that this catalogue had and has no more; tells which are still there."""
    with closing(Generation(folder)) as generation:
        kept = collections_of(generation)
    return [
        f"Not used any more, but still in Milvus at {where}: {collection}. Drop it there."
        for (where, collection), of in former.items()
        if (where, collection) not in kept and not (alone and drop(where, collection, of, folder))
    ]


def tables(found: Scan, folder: Path, source: Path, given: str) -> dict[str, bytes]:
    """What a scan found, as files by their paths in a generation."""
    root = source.resolve()
    if root.is_relative_to(folder.resolve()):  # the demo's: it may be renamed or copied with them
        root = root.relative_to(folder.resolve())
    facts = Facts(given, str(root), len(found.skipped), len(found.duplicates))
    return stored(found.products, facts) | {
        SKIPPED: as_csv(Skipped, found.skipped),
        DUPLICATES: as_csv(Duplicate, found.duplicates),
    }


def take_over(staging: Staging, old: Generation | None, built: list[str]) -> None:
    """Keep what this build says nothing of, such as the indexes of other methods.

    They may be of other products now: what opens them says so, and their vectors are of use when
    they are built again.
    """
    for path in old.sums.below("") if old else ():
        replaced = path in staging or any(path.startswith(f"{place}/") for place in built)
        if not replaced and not path.startswith(f"{THUMBNAILS}/") and old and old.has(path):
            staging.link(path)


def rows_folder(method: Method, precision: Precision) -> str:
    """Where an unfinished build keeps the rows of a method as it is now."""
    other = "" if precision == "fp32" else f"@{precision}"
    return f"rows/{method.key}@{method.revision}{other}"  # no key has an @


def clear_work(work: Path, done: list[Method]) -> None:
    """Remove what a finished build leaves: all but rows that other methods will go on from."""
    built = {rows_folder(method, p) for method in done for p in get_args(Precision)}
    others = tuple(rows_folder(method, "fp32") for method in METHODS.values())  # up to weights
    for place in (*work.glob("rows/*"), *work.glob("*")):
        name = place.relative_to(work).as_posix()
        if name != "rows" and (name in built or not name.startswith(others)):
            remove(place)
    for place in (work / "rows", work):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()


def check_places(source: Path, folder: Path) -> None:
    """Raises SimilarityError if there is no source, or if the catalogue would stand in it."""
    if not source.is_dir():
        raise SimilarityError(f"There is no folder '{source}': give a folder of pictures.")
    if folder.resolve().is_relative_to(source.resolve()):
        raise SimilarityError(
            f"The catalogue '{folder}' would stand among its own pictures: "
            "choose a place outside of them by --to."
        )


class Ready(NamedTuple):
    """What threads made of a product's picture: by backbone what that sees, by method what it needs
    beside that, and the seconds of a core that each took."""

    seen: dict[str, Seen]
    own: dict[str, Prepared]
    took: dict[str, float]


def embed(
    listing: Listing,
    thumbnails: Thumbnails,
    plans: list[Plan],
    precision: Precision,
    step: Step,
) -> None:
    """Decode what has to be, and embed every product that a method does not have yet.

    Raises SimilarityError.
    """

    def lacks(product: str) -> bool:
        return not all(plan.has(product) for plan in plans)

    def make(product: str, picture: Image.Image) -> Ready:
        made = Ready({}, {}, {})
        for plan in plans:
            method = plan.method
            if plan.has(product):
                continue
            if method.backbone and method.backbone.key not in made.seen:
                key, start = method.backbone.key, thread_time()
                made.seen[key] = method.backbone.prepare(picture)
                made.took[key] = thread_time() - start
            if method.prepare:
                start = thread_time()
                made.own[method.key] = method.prepare(picture)
                made.took[method.key] = thread_time() - start
        return made

    total = len(listing.paths)
    done = total - sum(p not in listing.sizes or lacks(p) for p in listing.paths)
    if done == total:
        return
    step("Embedding", done, total)
    pictures = decoded(listing, thumbnails, lacks, make)
    with closing(pictures):
        largest: dict[str, tuple[Network, Seen]] = {}
        while some := list(islice(pictures, BATCH)):
            batch = {product: made for product, made in some if made}
            for backbone in dict.fromkeys(plan.method.backbone for plan in plans):
                ours = [plan for plan in plans if plan.method.backbone == backbone]
                embed_batch(batch, ours, backbone, precision, largest, step)
            done += len(some)
            step("Embedding", done, total)
    for key, (running, seen) in largest.items():
        start = perf_counter()
        running.features(seen)  # once more, now that no thread decodes beside it
        a_picture = (perf_counter() - start) / len(seen)
        for plan in plans:
            if plan.method.backbone and plan.method.backbone.key == key:
                plan.seconds += a_picture * plan.embedded


def embed_batch(
    batch: dict[str, Ready],
    plans: list[Plan],
    backbone: Backbone | None,
    precision: Precision,
    largest: dict[str, tuple[Network, Seen]],
    step: Step,
) -> None:
    """Embed what plans whose methods have the same backbone, or none, lack of a batch.

    The largest batch that a backbone has seen, or TIMED pictures of it, is left in `largest`.
    """
    lacking = {p: made for p, made in batch.items() if not all(plan.has(p) for plan in plans)}
    if not lacking:
        return
    features, running = dict.fromkeys(lacking, np.empty(0, np.float32)), None
    if backbone:
        if backbone.key not in largest:
            step(f"Loading {plans[0].method.title}", 0, 0)
        running = network(backbone, precision)
        seen = np.stack([made.seen[backbone.key] for made in lacking.values()])
        if backbone.key not in largest or len(seen) > len(largest[backbone.key][1]):
            largest[backbone.key] = running, seen[:TIMED]
        features = dict(zip(lacking, running.features(seen), strict=True))
    for plan in plans:
        method = plan.method
        ids = [product for product in lacking if not plan.has(product)]
        if not ids:
            continue
        if not plan.embedded:
            step(f"Loading {method.title}", 0, 0)
            embedder(method)
            plan.how = running.how if running else ""
        nothing = np.empty(0, np.float32)
        own = np.stack([lacking[product].own.get(method.key, nothing) for product in ids])
        known = np.stack([features[product] for product in ids])
        start = perf_counter()
        vectors = embed_prepared(method, own, known)
        plan.seconds += perf_counter() - start
        # What backbones took counts whole for every method that needs them.
        names = {method.key, backbone.key if backbone else ""}
        took = sum(lacking[p].took.get(name, 0) for p in ids for name in names)
        plan.seconds += took / WORKERS
        plan.embedded += len(ids)
        plan.new.append(ids, index_class(method).rows(vectors))
