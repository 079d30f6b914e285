"""Read clicks from logs in the format of User Behavior Insights (UBI, https://ubisearch.dev).

A log has the queries with what they returned, and the events that followed. Both may be in one file
or in several, in any order.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from precompute.judgments.names import Names, UnknownError
from precompute.judgments.records import Problems, Record
from precompute.judgments.table import read_text
from similarity.errors import SimilarityError
from similarity.judgments.coec import Impression, count_clicks
from similarity.judgments.judgment import Clicks

CLICKS = ("click", "click_through")
IMPRESSION = "impression"
HITS = ("query_response_hit_ids", "query_response_object_ids", "query_response_objects_ids")
MAX_POSITION = 1000
NO_IMPRESSIONS = (
    "The log doesn't say which products were shown, without which clicks mean nothing: it has "
    f"neither '{HITS[0]}' nor events named '{IMPRESSION}'."
)

Results = dict[str, dict[str, int]]  # positions by query id and object id


def is_click_log(record: Record) -> bool:
    """Return whether a record is one of UBI's queries or events."""
    return "query_id" in record


class ClickLog:
    """The queries and events of a log, collected from all of its files."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[str, str]] = {}  # a query's text and its place
        self._hits: Results = {}
        self._impressions: Results = {}
        self._clicks: dict[str, set[str]] = {}  # object ids by query id
        self._columns: dict[str, str] = {}  # the column of ids, by query

    def read(self, records: Iterable[tuple[str, Record]], problems: Problems) -> None:
        """Read the records of a file; adds those that are wrong to `problems`."""
        for place, record in records:
            try:
                self._read(place, _expand(record))
            except SimilarityError as error:
                problems.add(place, str(error))

    def _read(self, place: str, record: Record) -> None:
        query = read_text(record.get("query_id"), 100)
        if not query:
            raise SimilarityError("it has no query_id")
        if column := read_text(record.get("object_id_field"), 100):
            self._columns[query] = column
        text = read_text(record.get("user_query"))
        if text:
            self._texts[query] = text, place
        action = read_text(record.get("action_name"))
        if action in CLICKS:
            self._clicks.setdefault(query, set()).add(_read_event(record)[0])
        elif action == IMPRESSION:
            product, position = _read_event(record)
            if position is None:
                raise SimilarityError("the impression has no position")
            self._impressions.setdefault(query, {}).setdefault(product, position)
        elif not action:
            hits = _find_hits(record)
            if not text and not hits:
                raise SimilarityError("it is neither a query nor an event of UBI")
            self._hits[query] = {hit: rank for rank, hit in reversed(list(enumerate(hits, 1)))}

    def count(self, names: Names, unknown: Problems) -> list[Clicks]:
        """Return the clicks on each product for each query.

        Adds what names a product that isn't there to `unknown`. Raises SimilarityError if nothing
        was shown.
        """
        if not self._impressions and not any(self._hits.values()):
            raise SimilarityError(NO_IMPRESSIONS)
        return count_clicks(self._list_impressions(names, unknown))

    def _list_impressions(
        self, names: Names, unknown: Problems
    ) -> Iterator[tuple[Impression, bool]]:
        for key, (text, place) in self._texts.items():
            results = self._impressions.get(key) or self._hits.get(key) or {}
            clicks = self._clicks.get(key, ())
            try:
                query = names.find_query(text)
            except SimilarityError as error:
                unknown.add(place, str(error))
                continue
            for name, position in results.items():
                try:
                    product = names.find_product(name, self._columns.get(key, ""))
                except UnknownError as error:
                    unknown.add(place, str(error))
                    continue
                yield Impression(query, product, position), name in clicks


def _expand(record: Record) -> Record:
    """Return a record whose values that are JSON, as in CSV, are read."""
    return {
        name: _load(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
        for name, value in record.items()
    }


def _load(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _read_event(record: Record) -> tuple[str, int | None]:
    """Return the product's id and position of an event, nested or with dots in the names."""
    product = _get(record, "event_attributes", "object", "object_id")
    position = _get(record, "event_attributes", "position", "ordinal")
    if isinstance(position, dict):  # older versions
        position = position.get("index")
    name = read_text(product, 200)
    if not name:
        raise SimilarityError("the event has no object_id")
    if position in (None, ""):
        return name, None
    try:
        number = int(position)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if not 0 <= number <= MAX_POSITION:
        raise SimilarityError(f"the position '{str(position)[:20]}' is not 0 to {MAX_POSITION:,}")
    return name, number


def _get(record: Any, *path: str) -> Any:
    dotted = ".".join(path)
    if isinstance(record, dict) and dotted in record:
        return record[dotted]
    for name in path:
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _find_hits(record: Record) -> list[str]:
    """Return the ids that a query returned, in their order."""
    value: Any = next((record[name] for name in HITS if record.get(name)), [])
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        raise SimilarityError("what the query returned is not a list of ids")
    return [text for text in (read_text(hit, 200) for hit in value[:MAX_POSITION]) if text]
