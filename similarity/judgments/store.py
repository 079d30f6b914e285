"""A catalogue's judgments, in an SQLite file of its folder that builds leave alone.

Products and queries are stored by what identifies them, so judgments survive every build. Nothing
is overwritten: of several judgments of a pair by one judge, the last counts.
"""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from similarity.errors import SimilarityError, get_reason
from similarity.judgments.coec import grade_clicks
from similarity.judgments.judgment import Clicks, Evidence, Grades, Judgment, combine_grades
from similarity.parts import Term
from similarity.votes.database import connect

FILE = "judgments.sqlite"
APPLICATION = 0x4A756467  # identifies our files to SQLite's tools and to us
FORMAT = 1

TABLES = """
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT UNIQUE,
  added REAL NOT NULL
) STRICT;
CREATE TABLE query (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('product', 'text', 'picture')),
  value TEXT NOT NULL,
  UNIQUE (kind, value)
) STRICT;
CREATE TABLE picture (id TEXT PRIMARY KEY, name TEXT NOT NULL, content BLOB NOT NULL) STRICT;
CREATE TABLE judgment (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source,
  query INTEGER NOT NULL REFERENCES query,
  product TEXT NOT NULL,
  grade INTEGER NOT NULL CHECK (grade BETWEEN 0 AND 3),
  judge TEXT NOT NULL,
  judged REAL NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE TABLE clicks (
  source INTEGER NOT NULL REFERENCES source,
  query INTEGER NOT NULL REFERENCES query,
  product TEXT NOT NULL,
  impressions INTEGER NOT NULL,
  clicks INTEGER NOT NULL,
  expected REAL NOT NULL,
  PRIMARY KEY (source, query, product)
) STRICT;
"""


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

    def get_revision(self) -> tuple[int, int]:
        """Return a value that changes with everything that is added; (0, 0) without judgments."""
        if not self.path.is_file():
            return 0, 0
        with self._open() as db:
            (sources,) = db.execute("SELECT COUNT(*) FROM source").fetchone()
            (last,) = db.execute("SELECT COALESCE(MAX(id), 0) FROM judgment").fetchone()
        return sources, last

    def list_sources(self) -> list[Source]:
        """Return where judgments come from, in the order in which they were added."""
        with self._open() as db:
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
        with self._open() as db, _transaction(db):
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
            queries = _number_queries(
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
        with self._open() as db:
            rows = db.execute(
                "SELECT kind, value, product, grade, judge, judged, note FROM judgment "
                "JOIN query ON query.id = judgment.query WHERE judgment.id IN "
                "(SELECT MAX(id) FROM judgment GROUP BY query, product, judge) ORDER BY judgment.id"
            ).fetchall()
        return [Judgment(Term(kind, value), *rest) for kind, value, *rest in rows]

    def list_clicks(self) -> list[Clicks]:
        """Return the clicks on each product for each query, of all logs together."""
        with self._open() as db:
            rows = db.execute(
                "SELECT kind, value, product, SUM(impressions), SUM(clicks), SUM(expected) "
                "FROM clicks JOIN query ON query.id = clicks.query GROUP BY clicks.query, product"
            ).fetchall()
        return [Clicks(Term(kind, value), *rest) for kind, value, *rest in rows]

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
        with self._open() as db:
            row = db.execute("SELECT content FROM picture WHERE id = ?", (key,)).fetchone()
        if row is None:
            raise SimilarityError(f"{self.path.name} has no picture '{key}'. Import it again.")
        return row[0]

    def list_pictures(self) -> set[str]:
        """Return the ids of the pictures that are queries."""
        if not self.path.is_file():
            return set()
        with self._open() as db:
            return {key for (key,) in db.execute("SELECT id FROM picture")}

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file, which is created if it is missing."""
        try:
            with closing(connect(self.path, "rwc")) as db:
                versions = [
                    db.execute(f"PRAGMA {name}").fetchone()[0]
                    for name in ("application_id", "user_version")
                ]
                if versions == [0, 0]:
                    _create(db)
                elif versions != [APPLICATION, FORMAT]:
                    raise sqlite3.DatabaseError(f"its format is {versions[1]}, not {FORMAT}")
                yield db
        except sqlite3.OperationalError as error:  # a full disk, or a file that stays locked
            raise SimilarityError(
                f"{self.path} can't be reached: {get_reason(error)}. Make it writable, and try "
                "again."
            ) from error
        except sqlite3.Error as error:
            raise SimilarityError(
                f"{self.path} is damaged ({get_reason(error)}). Restore it from a copy, or delete "
                "it and import the judgments again."
            ) from error


def _create(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    with _transaction(db):
        if db.execute("PRAGMA user_version").fetchone()[0] == FORMAT:
            return  # created by another process meanwhile
        for statement in filter(str.strip, TABLES.split(";")):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {FORMAT}")


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run a transaction; commit it unless an exception is raised."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _number_queries(db: sqlite3.Connection, queries: Sequence[Term]) -> dict[Term, int]:
    """Return the number of each query, adding those that are new."""
    distinct = dict.fromkeys(queries)
    db.executemany("INSERT OR IGNORE INTO query (kind, value) VALUES (?, ?)", distinct)
    select = "SELECT id FROM query WHERE kind = ? AND value = ?"
    return {query: db.execute(select, query).fetchone()[0] for query in distinct}
