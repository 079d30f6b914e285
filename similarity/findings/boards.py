"""A catalogue's boards of findings, in an SQLite file of its folder that builds leave alone."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from similarity.errors import SimilarityError
from similarity.findings.content import contents
from similarity.findings.database import FILE, SCHEMA
from similarity.findings.finding import (
    DEFAULT_BOARD,
    MAX_BOARDS,
    MAX_FINDINGS,
    MAX_NAME,
    MAX_NOTE,
    MAX_TITLE,
    ChangedError,
    Finding,
    Summary,
    clean_note,
    clean_title,
)
from similarity.findings.link import MAX_LINK, parse_link
from similarity.store.sqlite import begin_transaction, make_damage_error, open_database

UNDO_TIME = 24 * 3600  # s for which a deleted finding can be restored

_fingerprints = TypeAdapter(dict[str, str])

COLUMNS = (
    "finding.id, board.name, title, note, link, content, fingerprint, version, created, revision"
)
FROM = "FROM finding JOIN board ON board.id = finding.board"


class Boards:
    """The boards of a catalogue, by its folder. Safe to share between threads and processes.

    All methods raise SimilarityError if the file can't be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def list_boards(self) -> list[Summary]:
        """Return the boards, oldest first; without any, the one that the first finding makes."""
        if not self.path.is_file():
            return [Summary(DEFAULT_BOARD, 0)]
        with open_database(self.path, SCHEMA) as db:
            rows = db.execute(
                "SELECT name, (SELECT COUNT(*) FROM finding WHERE board = board.id AND deleted IS "
                "NULL) FROM board ORDER BY id"
            ).fetchall()
        return [Summary(*row) for row in rows] or [Summary(DEFAULT_BOARD, 0)]

    def list_findings(self, board: str) -> list[Finding]:
        """Return a board's findings in their order; none of an unknown board."""
        if not self.path.is_file():
            return []
        with open_database(self.path, SCHEMA) as db:
            rows = db.execute(
                f"SELECT {COLUMNS} {FROM} WHERE board.name = ? AND deleted IS NULL "
                "ORDER BY place, finding.id",
                (board,),
            ).fetchall()
        return [self._read(row) for row in rows]

    def get_finding(self, number: int) -> Finding:
        """Return a finding. Raises ChangedError if there is none, or if it was deleted."""
        if self.path.is_file():
            with open_database(self.path, SCHEMA) as db:
                row = db.execute(
                    f"SELECT {COLUMNS} {FROM} WHERE finding.id = ? AND deleted IS NULL", (number,)
                ).fetchone()
            if row:
                return self._read(row)
        raise _make_deleted_error()

    def read_pictures(self, number: int) -> dict[str, bytes]:
        """Return the pictures that a finding shows as WebP, by the ids of products."""
        with open_database(self.path, SCHEMA) as db:
            return dict(
                db.execute(
                    "SELECT id, content FROM picture JOIN shown ON picture = id WHERE finding = ?",
                    (number,),
                )
            )

    def add_board(self, name: str) -> str:
        """Create a board unless there is one of this name, and return its name.

        Raises SimilarityError for an empty or long name, and for too many boards.
        """
        name = clean_title(name)
        if not 0 < len(name) <= MAX_NAME:
            raise SimilarityError(f"The name of a board has 1 to {MAX_NAME} characters.")
        with open_database(self.path, SCHEMA) as db, begin_transaction(db):
            self._find_board(db, name)
        return name

    def rename_board(self, name: str, new_name: str) -> str:
        """Rename a board, and return its new name. Raises SimilarityError if that is taken."""
        new_name = clean_title(new_name)
        if not 0 < len(new_name) <= MAX_NAME:
            raise SimilarityError(f"The name of a board has 1 to {MAX_NAME} characters.")
        with open_database(self.path, SCHEMA) as db, begin_transaction(db):
            self._find_board(db, name)
            other = db.execute("SELECT 1 FROM board WHERE name = ?", (new_name,)).fetchone()
            if other and name != new_name:
                raise SimilarityError(
                    f"There is a board “{new_name}” already. Choose another name."
                )
            db.execute("UPDATE board SET name = ? WHERE name = ?", (new_name, name))
        return new_name

    def add(self, finding: Finding, pictures: Mapping[str, bytes]) -> int:
        """Add a finding at the end of its board, and return its number.

        `pictures` are WebP files by the ids of products. Raises SimilarityError for a board that
        is full.
        """
        link = str(finding.link)
        if len(link) > MAX_LINK:
            raise SimilarityError(
                "This page's address is too long to be kept. Remove some filters."
            )
        with open_database(self.path, SCHEMA) as db, begin_transaction(db):
            board = self._find_board(db, finding.board)
            count, last = db.execute(
                "SELECT COUNT(*), COALESCE(MAX(place), 0) FROM finding WHERE board = ? AND "
                "deleted IS NULL",
                (board,),
            ).fetchone()
            if count >= MAX_FINDINGS:
                raise SimilarityError(
                    f"“{finding.board}” has {MAX_FINDINGS} findings and takes no more. Choose "
                    "another board, or delete some."
                )
            self._purge(db)
            number = db.execute(
                "INSERT INTO finding (board, place, title, note, link, content, fingerprint, "
                "version, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    board,
                    last + 1,
                    clean_title(finding.title)[:MAX_TITLE],
                    clean_note(finding.note)[:MAX_NOTE],
                    link,
                    contents.dump_json(finding.content).decode(),
                    _fingerprints.dump_json(dict(finding.fingerprint)).decode(),
                    finding.version,
                    finding.created,
                ),
            ).lastrowid
            assert number is not None
            db.executemany("INSERT OR IGNORE INTO picture VALUES (?, ?)", pictures.items())
            db.executemany(
                "INSERT INTO shown VALUES (?, ?)", [(number, picture) for picture in pictures]
            )
        return number

    def edit(self, number: int, title: str, note: str, revision: int) -> None:
        """Change a finding's title and note.

        Raises ChangedError if somebody else has changed it since this revision, or deleted it.
        """
        with open_database(self.path, SCHEMA) as db, begin_transaction(db):
            _find_finding(db, number, revision)
            db.execute(
                "UPDATE finding SET title = ?, note = ?, revision = revision + 1 WHERE id = ?",
                (clean_title(title)[:MAX_TITLE], clean_note(note)[:MAX_NOTE], number),
            )

    def move(self, number: int, place: int) -> None:
        """Move a finding to a place on its board, counted from 0; the others move up or down.

        Raises ChangedError if it was deleted.
        """
        with open_database(self.path, SCHEMA) as db, begin_transaction(db):
            board = _find_finding(db, number)
            numbers = [
                row[0]
                for row in db.execute(
                    "SELECT id FROM finding WHERE board = ? AND deleted IS NULL AND id != ? "
                    "ORDER BY place, id",
                    (board, number),
                )
            ]
            numbers.insert(min(max(place, 0), len(numbers)), number)
            db.executemany("UPDATE finding SET place = ? WHERE id = ?", enumerate(numbers, 1))

    def delete(self, number: int) -> None:
        """Delete a finding; `restore` brings it back. Raises ChangedError if it was deleted."""
        with open_database(self.path, SCHEMA) as db, begin_transaction(db):
            _find_finding(db, number)
            db.execute("UPDATE finding SET deleted = ? WHERE id = ?", (time.time(), number))

    def restore(self, number: int) -> None:
        """Restore a deleted finding at its place.

        Raises ChangedError if it was deleted too long ago.
        """
        with open_database(self.path, SCHEMA) as db, begin_transaction(db):
            if not db.execute("UPDATE finding SET deleted = NULL WHERE id = ?", (number,)).rowcount:
                raise _make_deleted_error()

    def _find_board(self, db: sqlite3.Connection, name: str) -> int:
        """Return a board's id, creating it if there is room."""
        row = db.execute("SELECT id FROM board WHERE name = ?", (name,)).fetchone()
        if row is not None:
            return int(row[0])
        if db.execute("SELECT COUNT(*) FROM board").fetchone()[0] >= MAX_BOARDS:
            raise SimilarityError(f"This catalogue has {MAX_BOARDS} boards and takes no more.")
        return int(db.execute("INSERT INTO board (name) VALUES (?)", (name,)).lastrowid or 0)

    def _purge(self, db: sqlite3.Connection) -> None:
        """Remove what was deleted long ago, with its pictures."""
        old = "SELECT id FROM finding WHERE deleted < ?"
        limit = (time.time() - UNDO_TIME,)
        db.execute(f"DELETE FROM shown WHERE finding IN ({old})", limit)
        if db.execute("DELETE FROM finding WHERE deleted < ?", limit).rowcount:
            db.execute("DELETE FROM picture WHERE id NOT IN (SELECT picture FROM shown)")

    def _read(self, row: Sequence[object]) -> Finding:
        """Return a finding. Raises SimilarityError for what somebody else's file may have."""
        number, board, title, note, link, content, fingerprint, *rest = row
        try:
            return Finding(
                int(str(number)),
                clean_title(str(board)),
                clean_title(str(title)),
                clean_note(str(note)),
                parse_link(str(link)),
                contents.validate_json(str(content)),
                _fingerprints.validate_json(str(fingerprint)),
                str(rest[0]),
                float(str(rest[1])),
                int(str(rest[2])),
            )
        except (ValidationError, ValueError) as error:
            raise make_damage_error(self.path, SCHEMA, "a row is invalid") from error


def _find_finding(db: sqlite3.Connection, number: int, revision: int | None = None) -> int:
    """Return the board of a finding, which must have this revision, if any is expected."""
    row = db.execute(
        "SELECT board, revision FROM finding WHERE id = ? AND deleted IS NULL", (number,)
    ).fetchone()
    if row is None:
        raise _make_deleted_error()
    if revision not in (None, row[1]):
        raise ChangedError(
            "Somebody has changed this finding meanwhile, so your text is not saved. Copy it, and "
            "edit the new text."
        )
    return int(row[0])


def _make_deleted_error() -> ChangedError:
    return ChangedError("This finding was deleted meanwhile.")
