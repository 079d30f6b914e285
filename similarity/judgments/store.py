"""A catalogue's judgments, in an SQLite file of its folder that builds leave alone.

Products and queries are stored by what identifies them, so judgments survive every build. Nothing
is overwritten: of several judgments of a pair by one judge, the last counts.
"""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from similarity.errors import SimilarityError
from similarity.judgments.coec import grade_clicks
from similarity.judgments.database import FILE, SCHEMA
from similarity.judgments.judgment import (
    GRADES,
    QUERY_KINDS,
    Clicks,
    Evidence,
    Grades,
    Judgment,
    combine_grades,
)
from similarity.parts import Term
from similarity.store.sqlite import begin_transaction, make_damage_error, open_database


@dataclass(frozen=True)
class Source:
    """Where judgments come from: a file's name, the hash of its content, and its time."""

    name: str
    sha256: str | None
    added: float = 0.0  # s since 1970


@dataclass(frozen=True)
class Picture:
    """A query's picture: its file's name and content."""

    name: str
    content: bytes


class Judgments:
    """The judgments of a catalogue, by its folder. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def get_revision(self) -> tuple[int, int, int]:
        """Return a value that changes with everything that is added or taken back; zeros at first.

        Raises SimilarityError if the file can't be read, as all methods do.
        """
        if not self.path.is_file():
            return 0, 0, 0
        with open_database(self.path, SCHEMA) as db:
            (sources,) = db.execute("SELECT COUNT(*) FROM source").fetchone()
            last, count = db.execute(
                "SELECT COALESCE(MAX(id), 0), COUNT(*) FROM judgment"
            ).fetchone()
        return sources, last, count

    def list_sources(self) -> list[Source]:
        """Return where judgments come from, in the order in which they were added."""
        if not self.path.is_file():
            return []
        with open_database(self.path, SCHEMA) as db:
            return [
                Source(*row)
                for row in db.execute("SELECT name, sha256, added FROM source ORDER BY id")
            ]

    def add(
        self,
        source: Source,
        judgments: Sequence[Judgment] = (),
        clicks: Sequence[Clicks] = (),
        pictures: Mapping[str, Picture] | None = None,
    ) -> None:
        """Add judgments and clicks with the pictures of their queries, all of them or none.

        Raises SimilarityError if this content was added before, and if the file can't be written.
        """
        with open_database(self.path, SCHEMA) as db, begin_transaction(db):
            if db.execute("SELECT 1 FROM source WHERE sha256 = ?", (source.sha256,)).fetchone():
                raise SimilarityError(
                    f"What is in {source.name} was imported before, and would count twice. Nothing "
                    "was changed."
                )
            number = db.execute(
                "INSERT INTO source (name, sha256, added) VALUES (?, ?, ?)",
                (source.name, source.sha256, time.time()),
            ).lastrowid
            db.executemany(
                "INSERT OR IGNORE INTO picture VALUES (?, ?, ?)",
                [(key, each.name, each.content) for key, each in (pictures or {}).items()],
            )
            queries = number_queries(
                db, [*(j.query for j in judgments), *(c.query for c in clicks)]
            )
            db.executemany(
                "INSERT INTO judgment (source, query, product, grade, judge, judged, note) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        number,
                        queries[each.query],
                        *(each.product, each.grade, each.judge, each.judged, each.note),
                    )
                    for each in judgments
                ),
            )
            db.executemany(
                "INSERT INTO clicks VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (
                        number,
                        queries[each.query],
                        *(each.product, each.impressions, each.clicks, each.expected),
                    )
                    for each in clicks
                ),
            )

    def list_judgments(self) -> list[Judgment]:
        """Return every judgment that counts: the last of each pair by each judge."""
        with open_database(self.path, SCHEMA) as db:
            rows = db.execute(
                "SELECT kind, value, product, grade, judge, judged, note FROM judgment "
                "JOIN query ON query.id = judgment.query WHERE judgment.id IN "
                "(SELECT MAX(id) FROM judgment GROUP BY query, product, judge) ORDER BY judgment.id"
            ).fetchall()
        for row in rows:
            self._check(row, row[3] in GRADES)
        return [Judgment(Term(kind, value), *rest) for kind, value, *rest in rows]

    def list_clicks(self) -> list[Clicks]:
        """Return the clicks on each product for each query, of all logs together."""
        with open_database(self.path, SCHEMA) as db:
            rows = db.execute(
                "SELECT kind, value, product, SUM(impressions), SUM(clicks), SUM(expected) "
                "FROM clicks JOIN query ON query.id = clicks.query GROUP BY clicks.query, product"
            ).fetchall()
        for row in rows:
            self._check(row, all(isinstance(number, int | float) for number in row[3:]))
        return [Clicks(Term(kind, value), *rest) for kind, value, *rest in rows]

    def _check(self, row: Sequence[object], is_valid: bool) -> None:
        """Raise SimilarityError for a row that a file of somebody else may have."""
        kind, value, product, *_ = row
        if not is_valid or kind not in QUERY_KINDS or {type(value), type(product)} != {str}:
            raise make_damage_error(self.path, SCHEMA, "a row is invalid")

    def read_grades(self, evidence: Evidence) -> Grades:
        """Return the grade of each judged pair: the judges' mean, or that of its clicks.

        A product is no result for itself, so its judgments for itself are left out.
        """
        if not self.path.is_file():
            return {}
        grades: Grades = defaultdict(dict)
        if evidence == "clicks":
            for each in self.list_clicks():
                grade = grade_clicks(each.clicks, each.expected)
                if grade is not None and each.query != Term("product", each.product):
                    grades[each.query][each.product] = grade
            return dict(grades)
        by_pair: dict[tuple[Term, str], list[int]] = defaultdict(list)
        for judgment in self.list_judgments():
            if judgment.query != Term("product", judgment.product):
                by_pair[judgment.query, judgment.product].append(judgment.grade)
        for (query, product), of_judges in by_pair.items():
            grades[query][product] = combine_grades(of_judges)
        return dict(grades)

    def read_picture(self, key: str) -> bytes:
        """Return the content of a query's picture. Raises SimilarityError if there is none."""
        with open_database(self.path, SCHEMA) as db:
            row = db.execute("SELECT content FROM picture WHERE id = ?", (key,)).fetchone()
        if row is None:
            raise SimilarityError(f"{self.path.name} has no picture '{key}'. Import it again.")
        return row[0]

    def list_pictures(self) -> set[str]:
        """Return the ids of the pictures that are queries."""
        if not self.path.is_file():
            return set()
        with open_database(self.path, SCHEMA) as db:
            return {key for (key,) in db.execute("SELECT id FROM picture")}


def number_queries(db: sqlite3.Connection, queries: Sequence[Term]) -> dict[Term, int]:
    """Return the number of each query, adding those that are new."""
    distinct = dict.fromkeys(queries)
    db.executemany("INSERT OR IGNORE INTO query (kind, value) VALUES (?, ?)", distinct)
    select = "SELECT id FROM query WHERE kind = ? AND value = ?"
    return {query: db.execute(select, query).fetchone()[0] for query in distinct}
