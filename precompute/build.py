"""Build a catalogue: scan its pictures, embed what is new, write the indexes, publish."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from precompute.embed import embed
from precompute.pairs import paired, random_pairs, word_rows, words_of
from precompute.plan import Plan, drop_failed, rows_folder
from precompute.products import Duplicate, Scan, as_csv, tabulated
from precompute.scan import Thumbnails, listed
from precompute.walk import Skipped
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import (
    INDEXES,
    Kind,
    RandomPairs,
    fingerprint,
    index_kind,
    row_files,
    write_index,
)
from similarity.indexes.approximate.build import RECALL, write_approximate
from similarity.indexes.milvus.build import write_milvus
from similarity.indexes.milvus.collection import Collection, all_locked, collections_of, drop
from similarity.indexes.milvus.database import connect
from similarity.indexes.milvus.products import Products, attributes_of
from similarity.inference import Precision
from similarity.measures.metrics.costs import Rates
from similarity.methods import METHODS, Method
from similarity.store.generations import Generation
from similarity.store.paths import DUPLICATES, SKIPPED, THUMBNAILS, thumbnail_path
from similarity.store.progress import Step
from similarity.store.publish import Staging, clear_unused, present, remove, take_over
from similarity.store.table import Facts, stored

WORK = "work"


@dataclass(frozen=True)
class MethodResult:
    """What became of one method: its kind of index, products in it, of which embedded now; bytes on
    disk; how they were embedded."""

    method: Method
    kind: str
    products: int
    embedded: int
    size: int
    how: str  # its network ran, or in which precision it did before


@dataclass(frozen=True)
class Built:
    """What a build of indexes leaves: the scan, what became of each method, which methods failed,
    and how fast pictures were embedded."""

    scan: Scan
    results: list[MethodResult]
    failures: Failures
    rates: Rates


def build(
    source: Path,
    given: str,
    folder: Path,
    methods: list[Method],
    step: Step,
    recall: float = RECALL,
    milvus: str | None = None,
    precision: Precision = "fp32",
) -> Built:
    """Build or bring up to date the indexes of the catalogue in `folder`, which has to be locked.

    `source` is the folder of pictures, `given` is it as the user named it. Who reads the catalogue
    sees nothing of the build until all indexes are complete, and then all of them. What was
    measured of former ones stays beside them: see `precompute.stages`. Where exact search would
    take too long, `recall` is the share of the exact answers that is to be found; all are if it
    is 1. `milvus` is the address of the database that keeps the vectors, if one does. Networks run
    in `precision`, and what was embedded in another before is embedded again. A method that fails
    is left as it was before, and the others are built.
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
    failures = Failures()
    own = [plan for plan in plans if not plan.pictures]
    embed(listing, thumbnails, own, precision, step, failures)
    found = tabulated(listing)
    plans = drop_failed(plans, failures)
    ids = list(found.products.index)
    for plan in plans:
        method = plan.method
        kind = index_kind(method, len(ids), exact=recall >= 1, milvus=milvus is not None)
        place = (
            milvus
            and kind.startswith("milvus")
            and Collection(milvus, folder, method, kind, len(ids), plan.precision)
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
    pairs = {}
    for done, plan in enumerate(plans):
        step("Sampling pairs", done, len(plans))
        if plan.method.key not in built:
            with failures.catch([plan.method]):
                pairs[plan.method.key] = random_pairs(plan.method, ids, words, plan.rows)
    step("Sampling pairs", len(plans), len(plans))
    plans = drop_failed(plans, failures)
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
                of = pairs[plan.method.key]
                write(plan, staging.folder / plan.path, products, of, words, recall, step)
                staging.seal(plan.path)
            if plan.pictures:
                share_rows(plan, plan.pictures, staging)
        step("Writing indexes", len(plans), len(plans))
        methods = [plan.method for plan in plans]
        published = publish(staging, old, source, given, found, thumbnails, methods, step)
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
        how = (plan.pictures or plan).how
        results.append(MethodResult(plan.method, plan.kind, len(ids), embedded, size, how))
    return Built(found, results, failures, rates)


def write(
    plan: Plan,
    place: Path,
    products: Products,
    pairs: Mapping[Kind, RandomPairs],
    words: list[str],
    recall: float,
    step: Step,
) -> None:
    """Write one method's index, of whatever kind, into a folder that is not there."""
    method, ids = plan.method, products.ids
    exact = plan.collection.index.exact if plan.collection else plan.kind != "approximate"
    texts = word_rows(method, () if exact else words)
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
            texts,
            recall,
            step,
            plan.precision,
        )
    elif plan.kind == "approximate":
        rows = plan.blocks(ids)
        cells = plan.cells(ids)
        write_approximate(
            place, method, ids, rows, pairs, texts, recall, cells, step, plan.precision
        )
    else:
        write_index(place, method, ids, plan.blocks(ids), pairs, plan.precision)


def share_rows(plan: Plan, other: Plan, staging: Staging) -> None:
    """Keep the files of rows once that two methods have in common."""
    for name in row_files(path.name for path in (staging.folder / plan.path).iterdir()):
        staging.share(f"{plan.path}/{name}", f"{other.path}/{name}")


def publish(
    staging: Staging,
    old: Generation | None,
    source: Path,
    given: str,
    found: Scan,
    thumbnails: Thumbnails,
    methods: list[Method],
    step: Step,
) -> Path:
    """Add to the indexes whatever else can be searched, and publish it; returns its folder.

    Indexes of other methods stay. They may be of other products now: what opens them says so, and
    their vectors are of use when they are built again.
    """
    for product in found.products.index:
        if product in thumbnails.kept:
            staging.link(thumbnail_path(product))
        else:
            staging.add_file(thumbnail_path(product), thumbnails.place(product))
    for path, content in tables(found, staging.top, source, given).items():
        staging.add(path, content)
    replaced = [f"{INDEXES}/{method.key}/" for method in methods]  # whatever kind they were
    if old:
        take_over(staging, old, (*replaced, f"{THUMBNAILS}/"))
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
