"""The SQLite files of votes: where they are, and how a new one is made."""

import hashlib
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from similarity.errors import SimilarityError, reason_of
from similarity.store.paths import catalogues_folder
from similarity.votes.vote import ANSWERS, FORMAT, Setup, setups

FOLDER = ".votes"  # no catalogue can have this name
SUFFIX = ".sqlite"
MOST_VOTES = 1000  # files
WAIT = 30  # s for others who write
APPLICATION = 0x566F7465  # tells SQLite's own tools, and us, whose file it is

TABLES = f"""
CREATE TABLE vote (setup TEXT NOT NULL, host TEXT NOT NULL, closed REAL) STRICT;
CREATE TABLE asked (
  participant TEXT NOT NULL,
  number INTEGER NOT NULL,
  query INTEGER NOT NULL,
  left_method TEXT NOT NULL,
  right_method TEXT NOT NULL,
  shuffled TEXT NOT NULL CHECK (shuffled IN ('', 'left', 'right')),
  places TEXT NOT NULL,
  asked REAL NOT NULL,
  answer TEXT CHECK (answer IN ({", ".join(f"'{answer}'" for answer in ANSWERS)})),
  answered REAL,
  again INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (participant, number)
) STRICT;
CREATE INDEX asked_questions ON asked (left_method, right_method, query);
"""


def votes_folder() -> Path:
    """Where votes are kept: beside the catalogues that they are of."""
    return catalogues_folder() / FOLDER


def create(setup: Setup) -> tuple[str, str]:
    """Keep a new vote: its id, and its host's token, of which the file has the hash alone.

    Raises SimilarityError if it can't be written, or if there are too many already.
    """
    folder = votes_folder()
    name, token = secrets.token_hex(6), secrets.token_urlsafe(24)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if sum(1 for _ in folder.glob(f"*{SUFFIX}")) >= MOST_VOTES:
            raise SimilarityError(
                f"There are {MOST_VOTES:,} votes already: delete old ones from {folder}."
            )
        with closing(connect(folder / f"{name}{SUFFIX}", "rwc")) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("BEGIN IMMEDIATE")
            for statement in filter(str.strip, TABLES.split(";")):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {FORMAT}")
            written = setups.dump_json(setup).decode()
            db.execute("INSERT INTO vote VALUES (?, ?, NULL)", (written, hash_token(token)))
            db.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise SimilarityError(
            f"The vote can't be kept in {folder}: {reason_of(error)}. Make that folder writable."
        ) from error
    return name, token


def connect(place: Path, mode: str) -> sqlite3.Connection:
    """Open a vote's file, synced at every commit. `mode` is SQLite's: rw, or rwc to create it."""
    address = f"{place.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(address, WAIT, isolation_level=None, uri=True, check_same_thread=False)
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def hash_token(token: str) -> str:
    """Return the hash of a host's token, which the file keeps in its place."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
