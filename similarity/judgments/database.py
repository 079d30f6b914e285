"""The SQLite file of a catalogue's judgments.

An answer is what a judge said of a query and a product of a pool: a judgment, or none if it was
skipped. Its query is the number in the pool.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from similarity.errors import SimilarityError, get_reason
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
  id INTEGER PRIMARY KEY AUTOINCREMENT,
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
CREATE TABLE pool (
  id TEXT PRIMARY KEY,
  setup TEXT NOT NULL,
  host TEXT NOT NULL,
  judges TEXT NOT NULL,
  source INTEGER NOT NULL REFERENCES source
) STRICT;
CREATE TABLE answer (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  pool TEXT NOT NULL REFERENCES pool,
  judge INTEGER NOT NULL,
  query INTEGER NOT NULL,
  product TEXT NOT NULL,
  judgment INTEGER REFERENCES judgment
) STRICT;
CREATE INDEX judgment_pairs ON judgment (query, product);
CREATE INDEX answer_judges ON answer (pool, judge);
"""


@contextmanager
def open_database(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file of judgments, which is created if it is missing.

    Raises SimilarityError if it can't be reached or is damaged.
    """
    try:
        with closing(connect(path, "rwc")) as db:
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
            f"{path} can't be reached: {get_reason(error)}. Make it writable, and try again."
        ) from error
    except sqlite3.Error as error:
        raise make_damage_error(path, get_reason(error)) from error


def make_damage_error(path: Path, reason: str) -> SimilarityError:
    """Return the error for a file that can't be used."""
    return SimilarityError(
        f"{path} is damaged ({reason}). Restore it from a copy, or delete it and import the "
        "judgments again."
    )


def _create(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    with begin_transaction(db):
        if db.execute("PRAGMA user_version").fetchone()[0] == FORMAT:
            return  # created by another process meanwhile
        for statement in filter(str.strip, TABLES.split(";")):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {FORMAT}")


@contextmanager
def begin_transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run a transaction; commit it unless an exception is raised."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
