"""Scan a folder of pictures into a table of products, without trusting any file in it."""

import csv
import io
import os
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pandas as pd
from PIL import Image

from similarity.catalogue import NUMBERS, OURS, product_id, thumbnail_path
from similarity.errors import SimilarityError
from similarity.generations import Generation
from similarity.pictures import read_bytes, read_picture, read_size, thumbnail

METADATA = ("metadata.csv", "metadata.parquet")
WORKERS = min(4, os.cpu_count() or 1)  # as many files are open at once at most

T = TypeVar("T")
R = TypeVar("R")


class Skipped(NamedTuple):
    path: str
    reason: str


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


def list_files(source: Path) -> list[str]:
    """Relative paths ('/' between folders) of all files that may be pictures, sorted.

    Hidden files and folders and the metadata table are left out. Links to folders are not
    followed, since they can lead round in a circle.
    """
    found: list[str] = []
    for place, folders, files in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(place, name).relative_to(source).as_posix()
            if not name.startswith(".") and path not in METADATA:
                found.append(path)
    return sorted(found)


def scan(
    source: Path,
    thumbnails: Thumbnails,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Scan:
    """Read every picture below `source` into a table and make the thumbnails that are missing.

    A picture whose thumbnail is there was decoded before and is not decoded again. Bad pictures
    are skipped with their reason. The attributes of metadata.csv or metadata.parquet are joined
    by path. Raises SimilarityError when there is nothing usable or the metadata can't be used.
    """
    paths = list_files(source)
    attributes, notes = read_metadata(source)

    rows: dict[str, dict[str, Any]] = {}
    skipped: list[Skipped] = []
    duplicates: list[Duplicate] = []

    def read(path: str) -> tuple[str, tuple[int, int]] | Skipped:
        try:
            path.encode()
        except UnicodeEncodeError:
            shown = path.encode("utf-8", "backslashreplace").decode()
            return Skipped(shown, "the file's name is not valid UTF-8: rename the file")
        try:
            content = read_bytes(source / path)
            product = product_id(content)
            if thumbnails.have(product):
                return product, read_size(content)
            picture = read_picture(content)
            thumbnails.make(product, picture)
            return product, picture.size
        except SimilarityError as error:
            return Skipped(path, str(error))

    for done, (path, result) in enumerate(zip(paths, ahead(read, paths), strict=True), 1):
        progress(done, len(paths))
        if isinstance(result, Skipped):
            skipped.append(result)
            continue
        product, (width, height) = result
        if product in rows:
            rows[product]["copies"] += 1
            duplicates.append(Duplicate(path, rows[product]["path"], product))
            continue
        given = attributes.pop(path, {})
        folder = Path(source.resolve(), path).parent.name
        rows[product] = given | {
            "path": path,
            "category": given.get("category") or folder,
            "picture_width": width,
            "picture_height": height,
            "copies": 1,
        }
    if not rows:
        raise SimilarityError(
            f"No usable picture below '{source}': {len(paths)} files were tried"
            + (f", the first was skipped because {skipped[0].reason}" if skipped else "")
            + ". Give a folder with JPEG, PNG, WebP or other pictures."
        )
    unused = set(attributes) - {s.path for s in skipped} - {d.path for d in duplicates}
    if unused:
        notes.append(f"{len(unused)} rows of the metadata name no file, such as {min(unused)!r}.")
    products = pd.DataFrame.from_dict(rows, orient="index")
    products.index.name = "id"
    texts = [column for column in products if column not in NUMBERS]
    products[texts] = products[texts].fillna("")
    return Scan(products, skipped, duplicates, notes)


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
    try:
        frame = _read_csv(table) if table.suffix == ".csv" else pd.read_parquet(table)
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


def ahead(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Results in order, a few items being worked on ahead by threads."""
    with ThreadPoolExecutor(WORKERS) as pool:
        rest = iter(items)
        waiting = [pool.submit(work, item) for item in islice(rest, 2 * WORKERS)]
        try:
            while waiting:
                yield waiting.pop(0).result()
                waiting += [pool.submit(work, item) for item in islice(rest, 1)]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def write_whole(place: Path, content: bytes) -> None:
    """Write a file so that it is either there whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    # a name of its own: two threads may write the thumbnail of two files with the same content
    unfinished = place.with_name(f"{place.name}.{threading.get_ident()}.part")
    unfinished.write_bytes(content)
    unfinished.replace(place)


def as_csv(kind: type[NamedTuple], rows: Sequence[tuple[str, ...]]) -> bytes:
    """A table of what was skipped, or of copies, as a file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([kind._fields, *rows])
    return text.getvalue().encode()
