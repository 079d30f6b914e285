"""Read judgments from a table or from TREC's format: query, product, grade."""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from precompute.judgments.names import Names, UnknownError
from precompute.judgments.records import Problems, Record
from similarity.errors import SimilarityError
from similarity.judgments.judgment import GRADES, HIGHEST, MAX_JUDGE, MAX_NOTE, Judgment

COLUMNS = ("query", "product", "grade")


def read_judgments(
    records: Iterable[tuple[str, Record]], names: Names, problems: Problems, unknown: Problems
) -> list[Judgment]:
    """Return the judgments of a file's records.

    Adds records that are wrong to `problems`, and those that name what isn't there to `unknown`.
    """
    judgments = []
    for place, record in records:
        try:
            judgments.append(_read_judgment(record, names))
        except UnknownError as error:
            unknown.add(place, str(error))
        except SimilarityError as error:
            problems.add(place, str(error))
    return judgments


def _read_judgment(record: Record, names: Names) -> Judgment:
    query, product, grade = (read_text(record.get(column)) for column in COLUMNS)
    if not query or not product:
        raise SimilarityError(f"it has no {'query' if not query else 'product'}")
    return Judgment(
        names.find_query(query),
        names.find_product(product),
        _read_grade(grade),
        read_text(record.get("judge"), MAX_JUDGE),
        _read_time(record.get("judged")),
        read_text(record.get("note"), MAX_NOTE),
    )


def _read_grade(text: str) -> int:
    try:
        grade = float(text)
    except ValueError:
        grade = math.nan
    if grade not in GRADES:
        raise SimilarityError(f"the grade '{text[:20]}' is not one of 0 to {HIGHEST}")
    return int(grade)


def _read_time(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    if not (text := read_text(value)):
        return 0.0
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise SimilarityError(
            f"'{text[:40]}' is not a time such as 2026-11-30T12:00:00+00:00"
        ) from None


def read_text(value: Any, limit: int = 0) -> str:
    """Return a value as text without what no text has. Raises SimilarityError if it is too long."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = str(value).encode("utf-8", "ignore").decode().replace("\0", "").strip()
    if limit and len(text) > limit:
        raise SimilarityError(f"a text has {len(text):,} characters, more than {limit}")
    return text
