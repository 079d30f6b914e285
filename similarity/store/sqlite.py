"""SQLite files of what people enter: created whole, synced at every commit."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from similarity.errors import SimilarityError, get_reason

WRITE_TIMEOUT = 30  # s, while others write


@dataclass(frozen=True)
class Schema:
    """What a kind of file contains.

    `application` identifies it to SQLite's tools and to us, and `remedy` says what to do with a
    damaged one.
    """

    application: int
    version: int
    tables: str
    remedy: str


@contextmanager
def open_database(path: Path, schema: Schema) -> Iterator[sqlite3.Connection]:
    """Open a file, which is created if it is missing.

    Raises SimilarityError if it can't be reached or is damaged.
    """
    try:
        if not path.exists():
            create_database(path, schema)
        with closing(connect(path)) as db:
            versions = read_versions(db)
            if versions != (schema.application, schema.version):
                raise sqlite3.DatabaseError(f"its format is {versions[1]}, not {schema.version}")
            yield db
    except (OSError, sqlite3.OperationalError) as error:  # a full disk, or a locked file
        raise SimilarityError(
            f"{path} can't be reached: {get_reason(error)}. Make it writable, and try again."
        ) from error
    except sqlite3.Error as error:
        raise make_damage_error(path, schema, get_reason(error)) from error


def make_damage_error(path: Path, schema: Schema, reason: str) -> SimilarityError:
    """Return the error for a file that can't be used."""
    return SimilarityError(f"{path} is damaged ({reason}). {schema.remedy}")


def create_database(path: Path, schema: Schema) -> None:
    """Create a file unless there is one; others see all of it or nothing.

    Raises OSError or sqlite3.Error if that fails.
    """
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with closing(connect(part, "rwc")) as db:
            db.execute("PRAGMA journal_mode = WAL")  # here, because it fails in use
            with begin_transaction(db):
                for statement in filter(str.strip, schema.tables.split(";")):
                    db.execute(statement)
                db.execute(f"PRAGMA application_id = {schema.application}")
                db.execute(f"PRAGMA user_version = {schema.version}")
        try:
            os.link(part, path)
        except FileExistsError:
            pass  # created by another process meanwhile
        except OSError:  # a disk without links
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_versions(db: sqlite3.Connection) -> tuple[int, int]:
    """Return the application and the version of an opened file."""
    application, version = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("application_id", "user_version")
    )
    return application, version


def connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """Open a file, synced at every commit; `mode` is SQLite's rw, or rwc to create it."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(
        uri, WRITE_TIMEOUT, isolation_level=None, uri=True, check_same_thread=False
    )
    try:
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA trusted_schema = OFF")
    except sqlite3.Error:  # the file is damaged
        db.close()
        raise
    return db


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
