"""The SQLite file of a catalogue's judgments.

An answer is what a judge said of a query and a product of a pool: a judgment, or none if it was
skipped. Its query is the number in the pool.
"""

from similarity.store.sqlite import Schema

FILE = "judgments.sqlite"

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

SCHEMA = Schema(
    application=0x4A756467,
    version=1,
    tables=TABLES,
    remedy="Restore it from a copy, or delete it and import the judgments again.",
)
