"""Build a catalogue: scan its pictures, embed new ones, write indexes and publish them."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from precompute.embed import copy_vectors, embed
from precompute.losses import validate_loss
from precompute.pairs import embed_product_texts, get_product_texts, hash_pairs, sample_pairs
from precompute.plan import Plan, drop_failed, get_rows_folder
from precompute.products import Duplicate, Scan, make_table, serialise_csv
from precompute.scan import Inventory, ThumbnailStore, list_pictures
from precompute.walk import Skipped
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import (
    INDEXES,
    Kind,
    RandomPairs,
    choose_kind,
    compute_fingerprint,
    select_row_files,
    write_index,
)
from similarity.indexes.approximate.build import RECALL, write_approximate
from similarity.indexes.milvus.build import write_milvus
from similarity.indexes.milvus.collection import (
    Collection,
    drop_collection,
    list_collections,
    lock_all,
)
from similarity.indexes.milvus.database import connect
from similarity.indexes.milvus.products import Products, serialise_products
from similarity.inference import Precision
from similarity.measures.metrics.costs import Rates
from similarity.methods import METHODS, Method
from similarity.store.generations import Generation
from similarity.store.paths import DUPLICATES, SKIPPED, THUMBNAILS, get_thumbnail_path
from similarity.store.progress import Step
from similarity.store.publish import (
    Staging,
    link_unchanged,
    open_base_generation,
    remove,
    remove_unused,
)
from similarity.store.table import Facts, serialise_table

WORK_FOLDER = "work"


@dataclass(frozen=True)
class MethodResult:
    """The result of one method's build.

    `kind` is its kind of index, with `products`, of which `embedded` were embedded now, and `size`
    bytes on disk. `run_by` tells how its network ran, or in which precision it ran before.
    """

    method: Method
    kind: str
    products: int
    embedded: int
    size: int
    run_by: str  # how its network ran, or in which precision it did before


@dataclass(frozen=True)
class BuildResult:
    """The result of building indexes.

    The scan, the result of each method, the methods that failed, and how fast pictures were
    embedded.
    """

    scan: Scan
    results: list[MethodResult]
    failures: Failures
    rates: Rates


def build(
    inventory: Inventory,
    source_name: str,
    title: str,
    folder: Path,
    methods: list[Method],
    step: Step,
    recall: float = RECALL,
    milvus: str | None = None,
    precision: Precision = "fp32",
    allow_loss: bool = False,
    failures: Failures | None = None,
) -> BuildResult:
    """Build or update the indexes of the catalogue in `folder`, which has to be locked.

    `inventory` has the files to build from, `source_name` is what the user named, and `title` what
    the catalogue is called. Readers see the old catalogue until all indexes are complete. Measures
    of older indexes are kept: see `precompute.stages`.

    `recall` is the share of exact results that approximate indexes should find; with 1 all indexes
    are exact. `milvus` is the address of the database for vectors, if any. Networks run in
    `precision`; vectors of another precision are computed again. A method that fails keeps its old
    index, and the others are built; `failures` has those that failed before.

    Raises SimilarityError, for example if many products of the catalogue are gone and `allow_loss`
    is not set. After an interruption, the same call resumes.
    """
    if milvus:
        connect(milvus, create=True)  # fail early, before hours of embedding
    remove_unused(folder)
    base, work = open_base_generation(folder), folder / WORK_FOLDER
    thumbnails = ThumbnailStore(work, base)
    listing = list_pictures(
        inventory, thumbnails, lambda done, total: step("Reading files", done, total)
    )
    if not allow_loss:
        validate_loss(base, source_name, set(listing.paths), listing.products)
    plans: list[Plan] = []
    for method in methods:
        pictures_plans = (plan for plan in plans if plan.method == method.pictures_by)
        plans.append(Plan(method, base, work, precision, next(pictures_plans, None)))
    missing = {
        plan.method.key: {product for product in listing.paths if not plan.has(product)}
        for plan in plans
    }
    failures, requested = failures or Failures(), list(methods)
    own_plans = [plan for plan in plans if not plan.pictures_plan and plan.method.has_model]
    embed(listing, thumbnails, own_plans, precision, step, failures)
    scan = make_table(listing)
    copy_vectors(plans, listing, scan, failures)
    if not allow_loss:  # again, as not every file turned out to be a picture
        readable = {path for path, p in listing.products.items() if p in scan.products.index}
        validate_loss(base, source_name, set(scan.products.index), readable)
    plans = drop_failed(plans, failures)
    ids = list(scan.products.index)
    for plan in plans:
        method = plan.method
        kind = choose_kind(method, len(ids), exact=recall >= 1, milvus=milvus is not None)
        target = (
            milvus
            and kind.startswith("milvus")
            and Collection(milvus, folder, method, kind, len(ids), plan.precision)
        )
        plan.set_target(kind, target or None)
    rates = {}
    for plan in plans:
        source_plan = plan.pictures_plan or plan
        rates[plan.method.key] = source_plan.embedded, source_plan.seconds

    words = get_product_texts(scan.products)
    products = serialise_products(scan.products) if milvus else Products(ids, [])
    up_to_date = {
        plan.method.key
        for plan in plans
        if plan.is_up_to_date(products, hash_pairs(plan.method, ids, words), recall)
    }
    pairs = {}
    for done, plan in enumerate(plans):
        step("Sampling pairs", done, len(plans))
        if plan.method.key not in up_to_date:
            with failures.catch([plan.method]):
                pairs[plan.method.key] = sample_pairs(plan.method, ids, words, plan.read_rows)
    step("Sampling pairs", len(plans), len(plans))
    plans = drop_failed(plans, failures)
    collections = [
        plan.collection
        for plan in plans
        if plan.collection and not plan.pictures_plan
        if plan.method.key not in up_to_date or not plan.collection.holds_only(products)
    ]
    with lock_all(collections):
        staging = Staging(folder, base)
        for done, plan in enumerate(plans):
            step("Writing indexes", done, len(plans))
            if plan.method.key in up_to_date:
                for name in base.folder_files(plan.path).list_names() if base else ():
                    staging.link(f"{plan.path}/{name}")
            else:
                plan_pairs = pairs[plan.method.key]
                write_method_index(
                    plan, staging.folder / plan.path, products, plan_pairs, words, recall, step
                )
                staging.record(plan.path)
            if plan.pictures_plan:
                share_rows(plan, plan.pictures_plan, staging)
        step("Writing indexes", len(plans), len(plans))
        methods = [plan.method for plan in plans]
        folder_published = publish(
            staging, base, inventory.source, source_name, title, scan, thumbnails, methods, step
        )
        old_collections = list_collections(base)
        if base:
            base.close()
        is_clean = remove_unused(folder)
        if is_clean:  # otherwise a later build does, because a reader still needs them
            for collection in collections:
                collection.remove_others(products)
        scan.notes.extend(drop_collections(old_collections, folder, is_clean))
    remove_work(work, methods, requested)
    results = []
    for plan in plans:
        size = sum(file.stat().st_size for file in (folder_published / plan.path).iterdir())
        embedded = len(missing[plan.method.key].intersection(ids))
        run_by = (plan.pictures_plan or plan).run_by
        results.append(MethodResult(plan.method, plan.kind, len(ids), embedded, size, run_by))
    return BuildResult(scan, results, failures, rates)


def write_method_index(
    plan: Plan,
    folder: Path,
    products: Products,
    pairs: Mapping[Kind, RandomPairs],
    words: list[str],
    recall: float,
    step: Step,
) -> None:
    """Write one method's index, of any kind, into a new folder."""
    method, ids = plan.method, products.ids
    is_exact = plan.collection.index.exact if plan.collection else plan.kind != "approximate"
    texts = embed_product_texts(method, () if is_exact else words)
    if plan.collection:
        if not plan.pictures_plan:
            plan.collection.prepare({compute_fingerprint(plan.old_ids), products.products_hash})
            plan.collection.write(products, plan.read_rows, step)
        write_milvus(
            folder,
            plan.collection,
            method,
            products,
            plan.read_rows,
            pairs,
            texts,
            recall,
            step,
            plan.precision,
        )
    elif plan.kind == "approximate":
        rows = plan.iterate_rows(ids)
        cells = plan.reuse_cells_for(ids)
        write_approximate(
            folder, method, ids, rows, pairs, texts, recall, cells, step, plan.precision
        )
    else:
        write_index(folder, method, ids, plan.iterate_rows(ids), pairs, plan.precision)


def share_rows(plan: Plan, other: Plan, staging: Staging) -> None:
    """Store row files once that two methods have in common."""
    for name in select_row_files(path.name for path in (staging.folder / plan.path).iterdir()):
        staging.share(f"{plan.path}/{name}", f"{other.path}/{name}")


def publish(
    staging: Staging,
    base: Generation | None,
    source: Path,
    source_name: str,
    title: str,
    scan: Scan,
    thumbnails: ThumbnailStore,
    methods: list[Method],
    step: Step,
) -> Path:
    """Add everything that a search needs to the indexes, publish it, and return its folder.

    Indexes of other methods are kept. They may belong to other products now, which opening them
    detects, and their vectors are reused when they are built again.
    """
    for product in scan.products.index:
        if product in thumbnails.reusable:
            staging.link(get_thumbnail_path(product))
        else:
            staging.add_file(get_thumbnail_path(product), thumbnails.get_path(product))
    for path, content in serialise_scan(
        scan, staging.catalogue_folder, source, source_name, title
    ).items():
        staging.add_bytes(path, content)
    replaced = [f"{INDEXES}/{method.key}/" for method in methods]  # of any kind
    if base:
        link_unchanged(staging, base, (*replaced, f"{THUMBNAILS}/"))
    step("Publishing", 0, 0)
    folder_published = staging.publish(source_name)
    step("Publishing", 1, 1)
    return folder_published


def drop_collections(
    old_collections: Mapping[tuple[str, str], str], folder: Path, is_clean: bool
) -> list[str]:
    """Drop collections that the catalogue no longer uses; return notes on those that remain."""
    with closing(Generation(folder)) as generation:
        current = list_collections(generation)
    return [
        f"The collection {collection} in Milvus at {address} is no longer used. Drop it there."
        for (address, collection), fingerprint in old_collections.items()
        if (address, collection) not in current
        and not (is_clean and drop_collection(address, collection, fingerprint, folder))
    ]


def serialise_scan(
    scan: Scan, folder: Path, source: Path, source_name: str, title: str
) -> dict[str, bytes]:
    """Return the results of a scan as file contents, by their paths in a generation."""
    root = source.resolve()
    # as for the demo, so that the catalogue can be renamed or copied with them
    if root.is_relative_to(folder.resolve()):
        root = root.relative_to(folder.resolve())
    facts = Facts(source_name, str(root), len(scan.skipped), len(scan.duplicates), title)
    return serialise_table(scan.products, facts) | {
        SKIPPED: serialise_csv(Skipped, scan.skipped),
        DUPLICATES: serialise_csv(Duplicate, scan.duplicates),
    }


def remove_work(work: Path, methods: list[Method], requested: list[Method]) -> None:
    """Remove the work files of a finished build of `methods`.

    Rows that other methods can reuse are kept, and those of requested methods that failed.
    """
    finished = {get_rows_folder(method, p) for method in methods for p in get_args(Precision)}
    # matches any weights
    others = [*METHODS.values(), *requested]
    reusable = tuple(get_rows_folder(method, "fp32") for method in others)
    for path in (*work.glob("rows/*"), *work.glob("*")):
        name = path.relative_to(work).as_posix()
        if name != "rows" and (name in finished or not name.startswith(reusable)):
            remove(path)
    for path in (work / "rows", work):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def validate_folders(source: Path, folder: Path) -> None:
    """Raise SimilarityError if the source is missing, or if it would contain the catalogue."""
    if not source.is_dir():
        raise SimilarityError(f"There is no folder '{source}'. Give a folder of pictures.")
    if folder.resolve().is_relative_to(source.resolve()):
        raise SimilarityError(
            f"The catalogue '{folder}' would be inside its own pictures. "
            "Choose another folder with --to."
        )
