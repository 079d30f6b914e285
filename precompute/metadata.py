"""Read the attributes of products from a table next to their pictures."""

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from precompute.tables.formats import READERS, Table
from precompute.tables.matching import FileFinder, Matches
from precompute.tables.values import (
    clear_missing,
    is_nested,
    make_text,
    replace_decimal_commas,
)
from precompute.walk import METADATA, is_inside
from similarity.errors import SimilarityError
from similarity.store.table import RESERVED_COLUMNS

# Headings of the column with the files, in the order in which they are preferred
PATH_HEADINGS = (
    *("path", "filename", "image", "file"),
    *("filepath", "imagepath", "imagename", "imagefile"),
)
# Headings that pages and measures look for, in any letter case
STANDARD_HEADINGS = ("category", "caption", "colour", "item_group_id")
LEAST_FITTING = 0.5  # share of rows; with fewer, the wrong column or folder is likely
SAMPLE = 1_000  # rows that decide which column has the files


@dataclass(frozen=True)
class Column:
    """A column of the table: its heading, what it was taken for, and a value."""

    heading: str
    meaning: str
    example: str


@dataclass(frozen=True)
class Metadata:
    """The attributes of products by path, and how the table was understood.

    `title` names the table, or is empty without one. Notes are sentences.
    """

    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    title: str = ""
    columns: list[Column] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_metadata(source: Path, paths: Sequence[str], allow_unmatched: bool = False) -> Metadata:
    """Return the attributes of the files below `source` with these paths.

    The table is the file `metadata` in `source` with one of the extensions of READERS. Raises
    SimilarityError if there are several, if it can't be read, or if fewer than LEAST_FITTING of its
    rows fit a file and `allow_unmatched` is not set.
    """
    tables = [path for path in sorted(source.iterdir()) if path.name.casefold() in METADATA]
    if not tables:
        others = [path for path in paths if "/" not in path and Path(path).suffix in READERS]
        hint = f"{others[0]} is not read. If it has the attributes, call it " if others else ""
        return Metadata(notes=[f"{hint}metadata{Path(others[0]).suffix}."] if others else [])
    if len(tables) > 1:
        names = " and ".join(path.name for path in tables)
        raise SimilarityError(f"'{source}' has two metadata tables, {names}. Keep one of them.")
    (path,) = tables
    if path.is_symlink() and not is_inside(path, source.resolve()):
        raise SimilarityError(f"'{path}' is a link out of the folder. Put the file itself there.")
    try:
        table = READERS[path.suffix.casefold()](path)
    except SimilarityError as error:
        raise SimilarityError(f"'{path}' can't be read as a table: {error}.") from error
    except Exception as error:  # the libraries may raise anything on a hostile table
        raise SimilarityError(
            f"'{path}' can't be read as a table: it is damaged or of another format."
        ) from error
    return _understand(path, table, paths, allow_unmatched)


def _understand(path: Path, table: Table, paths: Sequence[str], allow_unmatched: bool) -> Metadata:
    headings = [re.sub(r"\s+", " ", heading).strip("\ufeff ") for heading in table.headings]
    nested = [place for place, column in enumerate(table.columns) if is_nested(column)]
    texts = [
        [] if place in nested else [make_text(value) for value in column]
        for place, column in enumerate(table.columns)
    ]
    finder = FileFinder(paths)
    number = _find_path_column(headings, texts, nested, finder)
    if number is None:
        raise SimilarityError(
            f"'{path}' has no column that names the files. Its columns are "
            f"{', '.join(filter(None, headings))}. Call it 'path' or 'file_name'."
        )
    values = texts[number]
    matches = finder.match(values)
    _validate_share(path, headings[number], values, matches, paths, allow_unmatched)
    names = _name_attributes(headings, number)
    columns: list[Column] = []
    attributes: dict[str, list[str]] = {}
    for place, (heading, name) in enumerate(zip(headings, names, strict=True)):
        if place == number:
            example = next((v for v in values if v in matches.files), "")
            columns.append(Column(heading, "the file of each row", example))
        elif place in nested:
            columns.append(Column(heading, "left out: lists, objects or bytes", ""))
        elif not heading and _is_count(texts[place]):
            columns.append(Column(heading, "left out: the number of the row", texts[place][0]))
        elif heading or any(texts[place]):
            attributes[name], meaning = _clean(name, texts[place], table.delimiter)
            example = next(filter(None, attributes[name]), "")
            columns.append(Column(heading, meaning, example))
    rows: dict[str, dict[str, str]] = {}
    repeated = 0
    for row, value in enumerate(values):
        file = matches.files.get(value)
        if file in rows:
            repeated += 1
        elif file is not None:
            rows[file] = {name: column[row] for name, column in attributes.items()}
    count, fitting = len(values), sum(value in matches.files for value in values)
    title = f"{path.name} ({table.description}): {fitting:,} of {count:,} rows fit a file"
    notes = [table.note] if table.note else []
    notes += _describe_rows(values, matches, repeated)
    return Metadata(rows, title, columns, notes)


def _find_path_column(
    headings: Sequence[str],
    texts: Sequence[Sequence[str]],
    nested: Sequence[int],
    finder: FileFinder,
) -> int | None:
    """Return the column whose values fit most files: one of PATH_HEADINGS, or any that fits.

    A nested column, such as one with the content of pictures, is none.
    """
    simple = [re.sub(r"[\s_.-]", "", heading).casefold() for heading in headings]
    named = [simple.index(name) for name in PATH_HEADINGS if name in simple]
    named = [column for column in named if column not in nested]
    if len(named) == 1 or (named and not any(texts)):
        return named[0]

    def count(column: int) -> int:
        return len(finder.match(texts[column][:SAMPLE]).files)

    if named:
        return max(named, key=count)
    counts = {column: count(column) for column in range(len(headings))}
    best = max(counts, key=lambda column: counts[column], default=None)
    if best is None or counts[best] < max(1, LEAST_FITTING * len(texts[best][:SAMPLE])):
        return None
    return best


def _validate_share(
    path: Path,
    heading: str,
    values: Sequence[str],
    matches: Matches,
    paths: Sequence[str],
    allow_unmatched: bool,
) -> None:
    """Raise SimilarityError if most rows fit no file, with one beside a file that is like it."""
    unmatched = [value for value in values if value not in matches.files]
    if allow_unmatched or not unmatched or len(unmatched) <= (1 - LEAST_FITTING) * len(values):
        return
    example = unmatched[0]
    similar = difflib.get_close_matches(example, paths[:SAMPLE], 1, cutoff=0)
    reason = " in more than one place" if example in matches.ambiguous else ""
    raise SimilarityError(
        f"Of the {len(values):,} rows of '{path}', {len(values) - len(unmatched):,} fit a file. "
        f"For example, its column '{heading}' has '{example}'{reason}, and the folder has "
        f"'{(similar or ['no file'])[0]}'. Correct the column, or leave these rows out with "
        "--allow-unmatched."
    )


def _name_attributes(headings: Sequence[str], path_column: int) -> list[str]:
    """Return a distinct name for each column; reserved ones and repeated ones get another."""
    names: list[str] = []
    for place, heading in enumerate(headings):
        name = heading or f"column {place + 1}"
        if name.casefold() in STANDARD_HEADINGS:
            name = name.casefold()
        if place != path_column and name.casefold() in ("id", *RESERVED_COLUMNS):
            name = f"table_{name}"
        base, number = name, 1
        while name in names:
            number += 1
            name = f"{base} {number}"
        names.append(name)
    return names


def _is_count(texts: Sequence[str]) -> bool:
    """Return whether a column numbers the rows from 0 or 1."""
    return (
        bool(texts)
        and texts[0] in ("0", "1")
        and all(text == str(number) for number, text in enumerate(texts, int(texts[0])))
    )


def _clean(name: str, texts: Sequence[str], delimiter: str) -> tuple[list[str], str]:
    """Return the values of an attribute, and what its column was taken for."""
    values, missing = clear_missing(texts)
    meaning = {"category": "the category", "caption": "the product's text"}.get(
        name, f"the attribute '{name}'"
    )
    if numbers := replace_decimal_commas(values, are_sure=delimiter in (";", "\t")):
        values = numbers
        meaning += ", with decimal commas"
    if missing:
        words = ", ".join(f"'{word}'" for word in missing)
        meaning += f"; {words} as missing ({missing.total():,})"
    return values, meaning


def _describe_rows(values: Sequence[str], matches: Matches, repeated: int) -> list[str]:
    """Return sentences on rows that differ from their files, fit none, or repeat one."""
    notes = matches.describe_ways()
    if repeated:
        notes.append(f"Rows that repeat a file: {repeated:,}. The first of each file counts.")
    counts = Counter(value for value in values if value not in matches.files)
    if ambiguous := [value for value in matches.ambiguous if value in counts]:
        total = sum(counts.pop(value) for value in ambiguous)
        notes.append(
            f"Rows left out because more than one file or row fits: {total:,}, for example "
            f"'{ambiguous[0]}'."
        )
    if counts:
        notes.append(f"Rows that fit no file: {counts.total():,}, for example '{min(counts)}'.")
    return notes
