"""The SQLite files of votes."""

import hashlib
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from similarity.errors import SimilarityError, get_reason
from similarity.store.paths import get_catalogues_folder
from similarity.store.sqlite import begin_transaction, connect
from similarity.votes.vote import ANSWERS, FORMAT, Setup, setups

FOLDER = ".votes"  # not a valid name of a catalogue
SUFFIX = ".sqlite"
MAX_VOTES = 1000  # files
APPLICATION = 0x566F7465  # identifies our files to SQLite's tools and to us

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


def get_votes_folder() -> Path:
    """Return the folder of votes, next to the catalogues."""
    return get_catalogues_folder() / FOLDER


def create_vote(setup: Setup) -> tuple[str, str]:
    """Store a new vote; return its id and its host's token, of which the file has the hash."""
    folder = get_votes_folder()
    name, token = secrets.token_hex(6), secrets.token_urlsafe(24)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if sum(1 for _ in folder.glob(f"*{SUFFIX}")) >= MAX_VOTES:
            raise SimilarityError(
                f"There are {MAX_VOTES:,} votes already. Delete old ones from {folder}."
            )
        with closing(connect(folder / f"{name}{SUFFIX}", "rwc")) as db:
            db.execute("PRAGMA journal_mode = WAL")
            with begin_transaction(db):
                for statement in filter(str.strip, TABLES.split(";")):
                    db.execute(statement)
                db.execute(f"PRAGMA application_id = {APPLICATION}")
                db.execute(f"PRAGMA user_version = {FORMAT}")
                setup_json = setups.dump_json(setup).decode()
                db.execute("INSERT INTO vote VALUES (?, ?, NULL)", (setup_json, hash_token(token)))
    except (OSError, sqlite3.Error) as error:
        raise SimilarityError(
            f"The vote can't be saved in {folder}: {get_reason(error)}. Make that folder writable."
        ) from error
    return name, token


def hash_token(token: str) -> str:
    """Return the hash of a host's token, which the file contains instead of the token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
