"""Make the table of products from the content of a folder."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from precompute.categories import merge_spellings, name_folders
from precompute.scan import Listing, ThumbnailStore, decode_pictures, list_pictures, take_inventory
from precompute.walk import Skipped
from similarity.errors import SimilarityError
from similarity.store.table import NOTE, NUMBERS


class Duplicate(NamedTuple):
    """A file with the same content as another, and the product of both."""

    path: str
    same_as: str
    product: str


@dataclass(frozen=True)
class Scan:
    """The result of scanning a folder. `products` is indexed by id, in the order of the paths."""

    products: pd.DataFrame
    skipped: list[Skipped]
    duplicates: list[Duplicate]
    notes: list[str]


def scan(
    source: Path,
    thumbnails: ThumbnailStore,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Scan:
    """Read every picture below `source` into a table, and make missing thumbnails.

    Raises as `take_inventory` and `make_table`.
    """
    listing = list_pictures(take_inventory(source), thumbnails)
    total = len(listing.paths)
    done = len(listing.sizes)
    for _ in decode_pictures(listing, thumbnails, lambda _: False, lambda *_: None):
        done += 1
        report(done, total)
    return make_table(listing)


def make_table(listing: Listing) -> Scan:
    """Return the table of products, after all pictures have been decoded.

    Bad pictures are skipped with the reason. Attributes of the metadata are joined by path. Raises
    SimilarityError if no picture is usable.
    """
    attributes = listing.attributes
    skipped, notes = list(listing.skipped), list[str]()
    rows: dict[str, dict[str, Any]] = {}
    metadata: dict[str, dict[str, str]] = {}  # by product, merged from all of its copies
    conflicts: list[str] = []
    duplicates: list[Duplicate] = []
    for path, product in listing.products.items():
        if isinstance(product, str) and product in listing.errors:
            product = Skipped(path, listing.errors[product])
        if isinstance(product, Skipped):
            skipped.append(product)
            continue
        width, height = listing.sizes[product]
        if product in rows:
            rows[product]["copies"] += 1
            conflicts += merge_metadata(metadata[product], attributes.get(path, {}), path)
            duplicates.append(Duplicate(path, rows[product]["path"], product))
            continue
        metadata[product] = attributes.get(path, {})
        rows[product] = {
            "path": path,
            "picture_width": width,
            "picture_height": height,
            NOTE: listing.picture_notes[product],
            "copies": 1,
        }
    if not rows:
        raise SimilarityError(
            f"There is no usable picture in '{listing.source}'. Files tried: "
            f"{len(listing.products)}"
            + (f"; the first one was skipped: {skipped[0].reason}" if skipped else "")
            + ". Give a folder with JPEG, PNG, WebP or other pictures."
        )
    if conflicts:
        notes.append(
            f"{len(conflicts)} attributes of identical files differ, for example {conflicts[0]}; "
            "those of the first file count."
        )
    folders = {product: row["path"].rpartition("/")[0] for product, row in rows.items()}
    categories, category_notes = name_folders(folders.values())
    for product, row in rows.items():
        category = metadata[product].get("category") or categories[folders[product]]
        rows[product] = metadata[product] | row | {"category": category}
    spellings, spelling_notes = merge_spellings(row["category"] for row in rows.values())
    for row in rows.values():
        row["category"] = spellings[row["category"]]
    notes += category_notes + spelling_notes
    products = pd.DataFrame.from_dict(rows, orient="index")
    products.index.name = "id"
    texts = [column for column in products if column not in NUMBERS]
    products[texts] = products[texts].fillna("")
    return Scan(products, skipped, duplicates, notes)


def merge_metadata(metadata: dict[str, str], copy_metadata: dict[str, str], path: str) -> list[str]:
    """Add metadata that only the copy at `path` has; return descriptions of conflicts."""
    conflicts = []
    for name, value in copy_metadata.items():
        if not metadata.get(name):
            metadata[name] = value
        elif value and value != metadata[name]:
            conflicts.append(f"{name} {value!r} of {path!r} beside {metadata[name]!r}")
    return conflicts


def serialise_csv(kind: type[NamedTuple], rows: Sequence[tuple[str, ...]]) -> bytes:
    """Return skipped files or duplicates as CSV, with a byte-order mark for Excel."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([kind._fields, *rows])
    return text.getvalue().encode("utf-8-sig")
