"""Scan a folder of pictures into a table of products, without trusting any file in it."""

import csv
import io
import os
import warnings
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from similarity.errors import SimilarityError
from similarity.pictures import read_bytes, read_picture, read_size, thumbnail
from similarity.store.files import write_whole
from similarity.store.generations import Generation
from similarity.store.paths import product_id, thumbnail_path
from similarity.store.table import NUMBERS, OURS
from similarity.threads import ahead

METADATA = ("metadata.csv", "metadata.parquet")
AHEAD = 96  # products whose pictures may be decoded before somebody asks for them

T = TypeVar("T")


class Skipped(NamedTuple):
    path: str
    reason: str


class Duplicate(NamedTuple):
    path: str
    same_as: str
    product: str


@dataclass(frozen=True)
class Listing:
    """The files of a folder by their content, of which pictures are decoded afterwards."""

    source: Path
    products: dict[str, str | Skipped]  # ids by relative path, in the order of the paths
    sizes: dict[str, tuple[int, int]]  # in pixels, of products that are known to be pictures
    bad: dict[str, str]  # why other products are none
    skipped: list[Skipped]
    attributes: dict[str, dict[str, str]]
    notes: list[str]

    @property
    def paths(self) -> dict[str, str]:
        """The first path of each product."""
        found: dict[str, str] = {}
        for path, product in self.products.items():
            if isinstance(product, str):
                found.setdefault(product, path)
        return found


@dataclass(frozen=True)
class Scan:
    """What a scan of a folder found. `products` is indexed by id, in the order of the paths."""

    products: pd.DataFrame
    skipped: list[Skipped]
    duplicates: list[Duplicate]
    notes: list[str]


class Thumbnails:
    """The thumbnails of a build: those of the present generation, and new ones in a folder."""

    def __init__(self, folder: Path, old: Generation | None = None) -> None:
        self._folder, self._old = folder, old
        self.kept: set[str] = set()  # products whose thumbnail the present generation has

    def place(self, product: str) -> Path:
        """Where a new one is written."""
        return self._folder / thumbnail_path(product)

    def have(self, product: str) -> bool:
        """Whether there is a whole one, here or from a run that was interrupted."""
        if self._old is not None and self._old.intact(thumbnail_path(product)):
            self.kept.add(product)
            return True
        try:
            read_picture(read_bytes(self.place(product)))
        except SimilarityError:
            return False
        return True

    def make(self, product: str, picture: Image.Image) -> None:
        """Write a new one."""
        write_whole(self.place(product), thumbnail(picture))


def list_files(source: Path) -> tuple[list[str], list[Skipped]]:
    """Relative paths ('/' between folders) of all files that may be pictures, sorted.

    Hidden files and folders and the metadata table are left out. Beside them stands what was left
    out otherwise: links to folders, which can lead round in a circle or out of the source, links
    to files outside of it, and folders that can't be read.
    """
    found: list[str] = []
    left: list[Skipped] = []

    def unreadable(error: OSError) -> None:
        path = Path(os.fsdecode(error.filename)).relative_to(source).as_posix()
        left.append(Skipped(path, f"the folder can't be read: {error.strerror}"))

    root = source.resolve()
    for place, folders, files in os.walk(source, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*folders, *files):
            whole = Path(place, name)
            path = whole.relative_to(source).as_posix()
            if name.startswith(".") or path in METADATA:
                continue
            if whole.is_symlink() and name in folders:
                left.append(Skipped(path, "a link to a folder is not followed"))
            elif whole.is_symlink() and not leads_into(whole, root):
                left.append(Skipped(path, "a link to a file outside of the folder is not followed"))
            elif name not in folders:
                found.append(path)
    return sorted(found), [Skipped(shown(path), reason) for path, reason in sorted(left)]


def leads_into(link: Path, root: Path) -> bool:
    """Whether a link leads into a folder, or nowhere at all."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):  # broken, or a circle: reading it says so
        return True
    return target.is_relative_to(root)


def shown(path: str) -> str:
    """A path as UTF-8, whatever bytes it has."""
    return path.encode("utf-8", "backslashreplace").decode()


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


def listed(
    source: Path,
    thumbnails: Thumbnails,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Listing:
    """The files below `source` and what the metadata says of them; nothing is decoded.

    A picture whose thumbnail is there was decoded before, so its header tells enough.
    Raises SimilarityError if the metadata can't be used.
    """
    paths, skipped = list_files(source)
    attributes, notes = read_metadata(source)
    found = Listing(source, {}, {}, {}, skipped, attributes, notes)

    def read(path: str) -> tuple[str, tuple[int, int] | None] | Skipped:
        try:
            path.encode()
        except UnicodeEncodeError:
            return Skipped(shown(path), "the file's name is not valid UTF-8: rename the file")
        try:
            content = read_bytes(source / path)
            product = product_id(content)
            return product, read_size(content) if thumbnails.have(product) else None
        except SimilarityError as error:
            return Skipped(path, str(error))

    for done, (path, result) in enumerate(zip(paths, ahead(read, paths), strict=True), 1):
        progress(done, len(paths))
        if isinstance(result, Skipped):
            found.products[path] = result
            continue
        product, size = result
        found.products[path] = product
        if size:
            found.sizes[product] = size
    return found


def decoded(
    listing: Listing,
    thumbnails: Thumbnails,
    lacking: Callable[[str], bool],
    make: Callable[[str, Image.Image], T],
) -> Generator[tuple[str, T | None]]:
    """Decode the products that lack their thumbnail or something else, each picture once.

    Threads do so ahead of who asks, make the thumbnail, and whatever else is to be made of the
    picture; the picture itself is let go then. Yields products and what was made, or None for what
    is no picture; the listing is told which they are. Raises SimilarityError for a file that
    changed since it was listed.
    """
    paths = listing.paths
    wanted = [product for product in paths if product not in listing.sizes or lacking(product)]

    def read(product: str) -> tuple[tuple[int, int], T] | str:
        content = reread(listing.source / paths[product], product)
        try:
            picture = read_picture(content)
        except SimilarityError as error:
            return str(error)
        if product not in listing.sizes:
            thumbnails.make(product, picture)
        return picture.size, make(product, picture)

    for product, result in zip(wanted, ahead(read, wanted, AHEAD), strict=True):
        if isinstance(result, str):
            listing.bad[product] = result
            yield product, None
        else:
            listing.sizes[product], made = result
            yield product, made


def reread(path: Path, product: str) -> bytes:
    """The file that was listed as this product. Raises SimilarityError if it is another now."""
    try:
        content = read_bytes(path)
        if product_id(content) == product:
            return content
        reason = "its content changed"
    except SimilarityError as error:
        reason = str(error)
    raise SimilarityError(f"'{path}' changed while it was read ({reason}): run the command again.")


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


def read_metadata(source: Path) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Attributes by path from metadata.csv or metadata.parquet, all as text, and notes on it.

    Raises SimilarityError when there are both, or the table can't be read, has no column `path`,
    or uses the name of a column that this product fills in.
    """
    tables = [source / name for name in METADATA if (source / name).is_file()]
    if not tables:
        return {}, []
    if len(tables) == 2:
        raise SimilarityError(f"'{source}' has two metadata tables: keep one of them.")
    (table,) = tables
    if table.is_symlink() and not leads_into(table, source.resolve()):
        raise SimilarityError(f"'{table}' is a link out of the folder: put the file itself there.")
    try:
        frame = _read_csv(table) if table.suffix == ".csv" else _read_parquet(table)
    except SimilarityError:
        raise
    except Exception as error:  # whatever pandas and pyarrow raise on a hostile table
        raise SimilarityError(f"'{table}' can't be read as a table: {error}") from error
    frame.columns = [str(c).strip() for c in frame.columns]
    if "path" not in frame:
        raise SimilarityError(
            f"'{table}' has no column 'path' (the file, relative to the folder); "
            f"its columns are {', '.join(frame.columns)}."
        )
    taken = sorted({"id", *OURS[1:]} & set(frame.columns))
    if taken or frame.columns.duplicated().any():
        wrong = taken or sorted(frame.columns[frame.columns.duplicated()])
        raise SimilarityError(f"'{table}': rename the columns {', '.join(wrong)}, used already.")
    frame = frame.astype(object).where(frame.notna(), "").astype(str)
    for column in frame.columns.drop("path"):
        frame[column] = frame[column].str.strip()
    frame["path"] = frame["path"].str.replace("\\", "/").str.removeprefix("./")
    twice = int(frame["path"].duplicated().sum())
    notes = [f"{twice} rows of the metadata repeat a path: the first of each counts."]
    frame = frame.drop_duplicates("path").set_index("path")
    return frame.to_dict("index"), notes if twice else []


def _read_csv(table: Path) -> pd.DataFrame:
    with warnings.catch_warnings():
        # Rows with a value more than the heading has (a comma that wants quotes) are an error:
        # pandas would take the first column for row labels, or drop the last.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            table, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False
        )


def _read_parquet(table: Path) -> pd.DataFrame:
    wrong = [
        field.name
        for field in pq.read_schema(table)
        if pa.types.is_nested(field.type)
        or pa.types.is_binary(field.type)
        or pa.types.is_large_binary(field.type)
        or pa.types.is_fixed_size_binary(field.type)
    ]
    if wrong:
        raise SimilarityError(
            f"'{table}': the columns {', '.join(map(repr, wrong))} hold lists or bytes. "
            "Make them text, or leave them out."
        )
    return pd.read_parquet(table)


def as_csv(kind: type[NamedTuple], rows: Sequence[tuple[str, ...]]) -> bytes:
    """A table of what was skipped, or of copies, as a file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([kind._fields, *rows])
    return text.getvalue().encode()
