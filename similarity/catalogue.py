"""The table of products: scan a folder of pictures, read its attributes, store, open again."""

import csv
import hashlib
import json
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pandas as pd

from similarity.errors import SimilarityError
from similarity.indexes import fingerprint
from similarity.pictures import read_bytes, read_picture, read_size, thumbnail

FORMAT = 1
FACTS = "catalogue.json"
TABLE = "products.parquet"
SKIPPED = "skipped.csv"
DUPLICATES = "duplicates.csv"
THUMBNAILS = "thumbs"
METADATA = ("metadata.csv", "metadata.parquet")
OURS = ("path", "picture_width", "picture_height", "copies")  # columns a source can't bring
WORKERS = min(4, os.cpu_count() or 1)  # as many files are open at once at most

R = TypeVar("R")

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
PRODUCT_ID = re.compile(r"[0-9a-f]{20}")


def catalogues_folder() -> Path:
    """Where built catalogues are: SIMILARITY_CATALOGUES, or assets/catalogues of the project."""
    place = os.environ.get("SIMILARITY_CATALOGUES")
    return Path(place) if place else Path(__file__).parents[1] / "assets" / "catalogues"


def product_id(content: bytes) -> str:
    """The first 80 bits of the content's SHA-256: the same picture is the same product."""
    return hashlib.sha256(content).hexdigest()[:20]


def thumbnail_path(folder: Path, product: str) -> Path:
    """Where a catalogue keeps a product's thumbnail; spread over 256 folders."""
    return folder / THUMBNAILS / product[:2] / f"{product}.webp"


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
    target: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Scan:
    """Read every picture below `source` into a table and write missing thumbnails to `target`.

    A picture whose thumbnail is there was decoded before and is not decoded again. Bad pictures
    are skipped with their reason. The attributes of
    metadata.csv or metadata.parquet are joined by path. Raises SimilarityError when there is
    nothing usable or the metadata can't be used.
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
            place = thumbnail_path(target, product)
            if place.exists():
                return product, read_size(content)
            picture = read_picture(content)
            write_whole(place, thumbnail(picture))
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
    texts = [c for c in products if c not in ("picture_width", "picture_height", "copies")]
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


def ahead(work: Callable[[str], R], items: Iterable[str]) -> Iterator[R]:
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


def store(found: Scan, target: Path, name: str, source: str, root: Path) -> None:
    """Write the table and its facts. The facts come last: they mark a complete catalogue.

    `source` is what the user gave ('demo' or a folder), `root` the folder that paths start from.
    """
    target.mkdir(parents=True, exist_ok=True)
    _write_table(target / SKIPPED, Skipped._fields, found.skipped)
    _write_table(target / DUPLICATES, Duplicate._fields, found.duplicates)
    unfinished = target / (TABLE + ".part")
    found.products.to_parquet(unfinished)
    unfinished.replace(target / TABLE)
    facts = {
        "format": FORMAT,
        "name": name,
        "source": source,
        "root": str(root.resolve()),
        "products": len(found.products),
        "skipped": len(found.skipped),
        "duplicates": len(found.duplicates),
        "fingerprint": fingerprint(found.products.index),
    }
    write_whole(target / FACTS, json.dumps(facts, indent=1).encode())


def load(folder: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The table of a built catalogue and its facts. Raises SimilarityError with the remedy."""
    again = f"Build it again: python -m precompute --name {folder.name} --catalogue SOURCE"
    if not (folder / FACTS).is_file():
        raise SimilarityError(
            f"There is no built catalogue in '{folder}'. "
            "Build one: python -m precompute --catalogue demo"
        )
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        if facts["format"] != FORMAT:
            raise SimilarityError(f"'{folder}' has format {facts['format']!r}. {again}")
        products = pd.read_parquet(folder / TABLE)
        fits = facts["fingerprint"] == fingerprint(products.index)
        Path(facts["source"]), Path(facts["name"]), Path(facts["root"]), int(facts["skipped"])
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(
            f"The catalogue in '{folder}' is damaged ({error}). {again}"
        ) from error
    if not fits or not {"path", "category", *OURS} <= set(products.columns):
        raise SimilarityError(f"The table in '{folder}' is not the one that was built. {again}")
    return products, facts


def _write_table(path: Path, header: tuple[str, ...], rows: list[Any]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
