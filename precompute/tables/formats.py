"""Read the headings and values of a table, whatever its format."""

import json
import warnings
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from precompute.tables import text
from similarity.errors import SimilarityError

MAX_ROWS = 5_000_000
MAX_COLUMNS = 1_000
MAX_UNPACKED = 1_000_000_000  # bytes of an Excel file, which is an archive


@dataclass(frozen=True)
class Table:
    """A table as its file has it: a list of values of any type by heading, and how it was read."""

    headings: list[str]
    columns: list[list[object]]
    description: str  # such as "UTF-8, separated by semicolons"
    delimiter: str = ""
    note: str = ""


def read_csv(path: Path) -> Table:
    """Read a CSV file. Raises SimilarityError."""
    content, encoding = text.decode(path.read_bytes())
    if not content.strip():
        raise SimilarityError("it is empty")
    rows, delimiter = text.parse(content)
    note = ""
    if encoding == text.WINDOWS:
        example = next((v for row in rows for v in row if not v.isascii()), "")
        note = (
            f"It is not UTF-8 and was read as {encoding}, for example '{example}'. If letters are "
            "wrong, save it as UTF-8."
        )
    name = text.NAMES.get(delimiter, repr(delimiter))
    return _make_table(rows, f"{encoding}, separated by {name}", delimiter, note)


def read_parquet(path: Path) -> Table:
    """Read a Parquet file. Raises any exception for a damaged one."""
    with pq.ParquetFile(path) as file:  # alone: its folder's name is no column of a partition
        table = file.read()
    columns = [column.to_pylist() for column in table.columns]
    return Table([str(name) for name in table.column_names], columns, "Parquet")


def read_excel(path: Path) -> Table:
    """Read the first sheet of an Excel file. Raises any exception for a damaged one."""
    import openpyxl  # a fifth of a second, which other tables need not wait for

    with zipfile.ZipFile(path) as archive:
        if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
            raise SimilarityError(f"it unpacks to more than {MAX_UNPACKED // 1_000_000:,} MB")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that it leaves out
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs state wrong ones
        rows = (list(row) for row in sheet.iter_rows(values_only=True))
        count = len(book.worksheets)
        note = f"Only the first of its {count} sheets was read." if count > 1 else ""
        return _make_table(rows, f"Excel, sheet '{sheet.title}'", note=note)
    finally:
        book.close()


def read_json_lines(path: Path) -> Table:
    """Read a file with a JSON object in each line. Raises SimilarityError that names a bad line."""
    content, encoding = text.decode(path.read_bytes())
    objects: list[dict[str, object]] = []
    headings: dict[str, None] = {}
    for number, line in enumerate(content.split("\n"), 1):  # other line ends may be in a text
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SimilarityError(f"its line {number} is not JSON") from error
        if not isinstance(values, dict):
            raise SimilarityError(f"its line {number} is not an object with names and values")
        headings |= dict.fromkeys(values)
        objects.append(values)
    rows: list[list[object]] = [list(headings)]
    rows += [[values.get(name) for name in headings] for values in objects]
    return _make_table(rows, f"JSON Lines, {encoding}")


READERS: dict[str, Callable[[Path], Table]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".parquet": read_parquet,
    ".xlsx": read_excel,
    ".jsonl": read_json_lines,
}


def _make_table(
    rows: Iterable[Sequence[object]],
    description: str,
    delimiter: str = "",
    note: str = "",
) -> Table:
    """Return rows as columns; the first row that is not empty has the headings."""
    kept_rows: list[list[object]] = []
    for row in rows:
        if any(value not in (None, "") for value in row):
            kept_rows.append(list(row))
        if len(kept_rows) > MAX_ROWS:
            raise SimilarityError(f"it has more than {MAX_ROWS:,} rows")
    width = max(map(len, kept_rows), default=0)
    if width > MAX_COLUMNS:
        raise SimilarityError(f"it has more than {MAX_COLUMNS:,} columns")
    if not kept_rows:
        raise SimilarityError("it is empty")
    filled_rows = [row + [None] * (width - len(row)) for row in kept_rows]
    headings = ["" if value is None else str(value) for value in filled_rows[0]]
    columns = [list(column) for column in zip(*filled_rows[1:], strict=True)]
    return Table(headings, columns or [[] for _ in headings], description, delimiter, note)
