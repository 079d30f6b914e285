"""Make the table of products from what a folder holds."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from precompute.scan import Listing, Thumbnails, decoded, listed
from precompute.walk import Skipped
from similarity.errors import SimilarityError
from similarity.store.table import NUMBERS


class Duplicate(NamedTuple):
    path: str
    same_as: str
    product: str


@dataclass(frozen=True)
class Scan:
    """What a scan of a folder found. `products` is indexed by id, in the order of the paths."""

    products: pd.DataFrame
    skipped: list[Skipped]
    duplicates: list[Duplicate]
    notes: list[str]


def scan(
    source: Path,
    thumbnails: Thumbnails,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Scan:
    """Read every picture below `source` into a table and make the thumbnails that are missing.

    Raises as `listed` and `tabulated`.
    """
    listing = listed(source, thumbnails)
    total = len(listing.paths)
    done = len(listing.sizes)
    for _ in decoded(listing, thumbnails, lambda _: False, lambda *_: None):
        done += 1
        progress(done, total)
    return tabulated(listing)


def tabulated(listing: Listing) -> Scan:
    """The table of products, once all of them are decoded.

    Bad pictures are skipped with their reason. The attributes of the metadata are joined by path.
    Raises SimilarityError when there is nothing usable.
    """
    attributes = dict(listing.attributes)
    skipped, notes = list(listing.skipped), list(listing.notes)
    rows: dict[str, dict[str, Any]] = {}
    said: dict[str, dict[str, str]] = {}  # by the metadata, of a product and of its copies
    conflicts: list[str] = []
    duplicates: list[Duplicate] = []
    for path, product in listing.products.items():
        if isinstance(product, str) and product in listing.bad:
            product = Skipped(path, listing.bad[product])
        if isinstance(product, Skipped):
            skipped.append(product)
            continue
        width, height = listing.sizes[product]
        if product in rows:
            rows[product]["copies"] += 1
            conflicts += merge(said[product], attributes.pop(path, {}), path)
            duplicates.append(Duplicate(path, rows[product]["path"], product))
            continue
        said[product] = attributes.pop(path, {})
        rows[product] = {
            "path": path,
            "category": Path(path).parent.name,  # none for what lies in the source itself
            "picture_width": width,
            "picture_height": height,
            "copies": 1,
        }
    if not rows:
        raise SimilarityError(
            f"No usable picture below '{listing.source}': {len(listing.products)} files were tried"
            + (f", the first was skipped because {skipped[0].reason}" if skipped else "")
            + ". Give a folder with JPEG, PNG, WebP or other pictures."
        )
    if conflicts:
        notes.append(
            f"{len(conflicts)} attributes of identical files differ and the first file's count, "
            f"such as {conflicts[0]}."
        )
    unused = set(attributes) - {s.path for s in skipped}
    if unused:
        notes.append(f"{len(unused)} rows of the metadata name no file, such as {min(unused)!r}.")
    for product, row in rows.items():
        told = said[product]
        rows[product] = told | row | {"category": told.get("category") or row["category"]}
    products = pd.DataFrame.from_dict(rows, orient="index")
    products.index.name = "id"
    texts = [column for column in products if column not in NUMBERS]
    products[texts] = products[texts].fillna("")
    return Scan(products, skipped, duplicates, notes)


def merge(said: dict[str, str], more: dict[str, str], path: str) -> list[str]:
    """Add what only the metadata of the copy at `path` says; returns in words where they differ."""
    conflicts = []
    for name, value in more.items():
        if not said.get(name):
            said[name] = value
        elif value and value != said[name]:
            conflicts.append(f"{name} {value!r} of {path!r} beside {said[name]!r}")
    return conflicts


def as_csv(kind: type[NamedTuple], rows: Sequence[tuple[str, ...]]) -> bytes:
    """A table of what was skipped, or of copies, as a file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([kind._fields, *rows])
    return text.getvalue().encode()
