"""Read the records of a file one by one, each with its place for messages."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from precompute.tables import text
from precompute.tables.formats import read_parquet
from similarity.errors import SimilarityError

MAX_FILE = 4_000_000_000  # bytes
MAX_PROBLEMS = 5  # that a message lists

Record = dict[str, Any]


class Problems:
    """What is wrong with the records of a file, by place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reasons: list[str] = []
        self.count = 0

    def add(self, place: str, reason: str) -> None:
        """Add a reason."""
        self.count += 1
        if len(self._reasons) < MAX_PROBLEMS:
            self._reasons.append(f"{place}: {reason}")

    def describe(self) -> str:
        """Return the first problems, and how many others there are."""
        others = self.count - len(self._reasons)
        return "; ".join(self._reasons) + (f"; and {others:,} more" if others else "")


def read_records(path: Path) -> Iterator[tuple[str, Record]]:
    """Yield each record of a file with its place, such as 'line 3'.

    Raises SimilarityError that names the line for a file that is not of the type that its name
    says.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise SimilarityError(f"it is larger than {MAX_FILE // 1_000_000_000} GB")
        suffix = path.suffix.lower()
        if suffix in (".csv", ".tsv"):
            yield from _read_csv(path)
        elif suffix in (".jsonl", ".ndjson", ".json"):
            yield from _read_json_lines(path)
        elif suffix == ".parquet":
            yield from _read_parquet(path)
        else:
            yield from _read_qrels(path)
    except SimilarityError as error:
        raise SimilarityError(f"{path} can't be read: {error}.") from error
    except OSError as error:
        raise SimilarityError(f"{path} can't be read: {error.strerror or error}.") from error


def count_lines(path: Path) -> int:
    """Return the number of a text file's lines; anything for other files."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _read_csv(path: Path) -> Iterator[tuple[str, Record]]:
    content, _ = text.decode(path.read_bytes())
    csv.field_size_limit(text.MAX_VALUE)
    reader = csv.reader(
        io.StringIO(content, newline=""), delimiter=text.find_delimiter(content), strict=True
    )
    headings: list[str] = []
    start = 1
    try:
        for row in reader:
            place, start = f"line {start:,}", reader.line_num + 1
            if not any(value.strip() for value in row):
                continue
            if not headings:
                headings = [heading.strip().lstrip("\ufeff") for heading in row]
                continue
            if len(row) > len(headings):
                raise SimilarityError(
                    f"its {place} has {len(row)} values, and there are {len(headings)} headings"
                )
            yield place, dict(zip(headings, row, strict=False))
    except csv.Error as error:
        raise SimilarityError(f"its line {start:,} is not CSV ({error})") from error


def _read_json_lines(path: Path) -> Iterator[tuple[str, Record]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError) as error:
                raise SimilarityError(f"its line {number:,} is not JSON") from error
            if not isinstance(record, dict):
                raise SimilarityError(f"its line {number:,} is not an object with names and values")
            yield f"line {number:,}", record


def _read_parquet(path: Path) -> Iterator[tuple[str, Record]]:
    try:
        table = read_parquet(path)
    except Exception as error:  # pyarrow may raise anything on a hostile file
        raise SimilarityError(f"it is not Parquet ({type(error).__name__})") from error
    for number, row in enumerate(zip(*table.columns, strict=True), 1):
        yield f"row {number:,}", dict(zip(table.headings, row, strict=True))


def _read_qrels(path: Path) -> Iterator[tuple[str, Record]]:
    """Read TREC's judgments: query, anything, product and grade, separated by spaces."""
    content, _ = text.decode(path.read_bytes())
    for number, line in enumerate(content.split("\n"), 1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != 4:
            raise SimilarityError(
                f"its line {number:,} has {len(fields)} fields. TREC's judgments have 4: query, 0, "
                "product and grade"
            )
        query, _, product, grade = fields
        yield f"line {number:,}", {"query": query, "product": product, "grade": grade}
