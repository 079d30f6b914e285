"""The SQLite file of a catalogue's findings."""

from similarity.store.sqlite import Schema

FILE = "findings.sqlite"

# `deleted` findings stay for a while, so that deleting can be undone. A picture is kept as it was
# shown, because its product may leave the catalogue.
TABLES = """
CREATE TABLE board (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE finding (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  board INTEGER NOT NULL REFERENCES board,
  place INTEGER NOT NULL,
  title TEXT NOT NULL,
  note TEXT NOT NULL,
  link TEXT NOT NULL,
  content TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  version TEXT NOT NULL,
  created REAL NOT NULL,
  revision INTEGER NOT NULL DEFAULT 0,
  deleted REAL
) STRICT;
CREATE TABLE picture (id TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE shown (
  finding INTEGER NOT NULL REFERENCES finding,
  picture TEXT NOT NULL REFERENCES picture,
  PRIMARY KEY (finding, picture)
) STRICT;
CREATE INDEX finding_boards ON finding (board, place);
CREATE INDEX shown_pictures ON shown (picture);
"""

SCHEMA = Schema(
    application=0x46696E64,
    version=1,
    tables=TABLES,
    remedy="Restore it from a copy, or delete it and keep the findings again.",
)
