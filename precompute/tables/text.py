"""Read CSV as spreadsheets, databases and data sets write it."""

import codecs
import csv
import io
import itertools
import re

from similarity.errors import SimilarityError

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 50  # rows that decide which delimiter a file has
MAX_VALUE = 1_000_000  # characters of a value
# The first line of a file that Excel is to read, such as `sep=;`
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
MARKS = {
    codecs.BOM_UTF8: ("utf-8-sig", "UTF-8"),
    codecs.BOM_UTF32_LE: ("utf-32", "UTF-32"),
    codecs.BOM_UTF16_LE: ("utf-16", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16", "UTF-16"),
}
WINDOWS = "Windows-1252"
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def decode(content: bytes) -> tuple[str, str]:
    """Return a text, and the name of its encoding: by its mark, UTF-8, or else Windows-1252.

    Raises SimilarityError if the bytes contradict the mark.
    """
    for mark, (encoding, name) in MARKS.items():
        if content.startswith(mark):
            try:
                return content.decode(encoding), name
            except UnicodeDecodeError as error:
                raise SimilarityError(f"it begins as {name} and is not") from error
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):  # every other byte is zero
        sample = content[offset:2000:2]
        if sample and sample.count(0) > 0.7 * len(sample):
            return content.decode(encoding, "replace"), "UTF-16"
    try:
        return content.decode(), "UTF-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), WINDOWS


def parse(text: str) -> tuple[list[list[str]], str]:
    """Return the rows of a table, the headings first, and the delimiter.

    Empty rows are left out, and short ones are filled up. Raises SimilarityError that names the
    line for a row with more values than headings, and for a quote that is not closed.
    """
    if match := SEPARATOR_LINE.match(text):
        delimiter, text = match[1], text[match.end() :]
    else:
        delimiter = find_delimiter(text)
    csv.field_size_limit(MAX_VALUE)
    end = "end of the table"
    # A row that can only be read as one if all quotes before it are closed.
    reader = csv.reader(
        io.StringIO(f"{text.rstrip()}\n{end}", newline=""),
        delimiter=delimiter,
        skipinitialspace=True,
    )
    rows: list[list[str]] = []
    start = next_start = 1  # lines
    try:
        for row in reader:
            start, next_start = next_start, reader.line_num + 1
            if row == [end]:
                return rows, delimiter
            while row and not row[-1].strip() and (not rows or len(row) > len(rows[0])):
                row.pop()  # of a heading or a row that ends in delimiters
            if any(value.strip() for value in row):
                if rows and len(row) > len(rows[0]):
                    raise SimilarityError(
                        f"its line {start} has {len(row)} values, and there are {len(rows[0])} "
                        f"headings. Put values that contain '{delimiter}' into quotes"
                    )
                rows.append(row + [""] * (len(rows[0]) - len(row) if rows else 0))
    except csv.Error as error:
        raise SimilarityError(
            f"its line {next_start} has a value of more than {MAX_VALUE:,} characters"
        ) from error
    raise SimilarityError(f"a quote that opens in its line {start} is never closed")


def find_delimiter(text: str) -> str:
    """Return the delimiter that divides the first rows into most columns, the same in each."""

    def count_columns(delimiter: str) -> tuple[int, int]:
        lines = io.StringIO(text[: SAMPLE * 10_000], newline="")
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        try:
            counts = [len(row) for row in itertools.islice(reader, SAMPLE) if row]
        except csv.Error:
            return 0, 0
        return (counts.count(counts[0]) if counts[0] > 1 else 0, counts[0]) if counts else (0, 0)

    return max(DELIMITERS, key=count_columns)
