"""A vote as it is kept: one SQLite file, in which every answer is safe before the page goes on.

It is written in WAL mode with a sync at every commit, so that neither a killed process nor a
machine that stops costs an answer that was acknowledged. Of people it holds a random id alone.
"""

import hmac
import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from similarity.errors import SimilarityError, reason_of
from similarity.votes.database import APPLICATION, SUFFIX, connect, hash_token, votes_folder
from similarity.votes.schedule import Question, is_control, next_control, next_question
from similarity.votes.vote import ANSWERS, FORMAT, Cast, Shown, setups

VOTE_ID = re.compile(r"[0-9a-f]{12}")
PARTICIPANT = re.compile(r"[0-9a-f]{32}")
MOST_PARTICIPANTS = 5000  # of one vote


class Closed(SimilarityError):
    """The vote takes no more answers."""


class Votes:
    """One vote. Safe to share between threads, and its file between processes.

    Threads take turns with two connections: who reads results holds up nobody who answers. Both
    stay open: SQLite tidies a file up whenever the last one is closed, which takes longer than an
    answer.
    """

    def __init__(self, name: str) -> None:
        """Open the vote of an id. Raises SimilarityError if there is none, or if it is damaged."""
        self.place = votes_folder() / f"{name}{SUFFIX}"
        if not VOTE_ID.fullmatch(name) or not self.place.is_file():
            raise SimilarityError(
                "There is no such vote. Ask its host for the link again: perhaps a part is missing."
            )
        self.name = name
        self._turn, self._reading = threading.Lock(), threading.Lock()
        with self._reporting():
            self._db, self._reader = (connect(self.place, "rw") for _ in range(2))
        self._inode = self.place.stat().st_ino
        with self._open() as db:
            marks = [
                db.execute(f"PRAGMA {n}").fetchone()[0] for n in ("application_id", "user_version")
            ]
            if marks != [APPLICATION, FORMAT]:
                raise self._damaged(f"its format is {marks[1]}, not {FORMAT}")
            found = db.execute("SELECT setup, host FROM vote").fetchall()
        try:
            ((written, self._host),) = found
            self.setup = setups.validate_json(written)
            self.setup.check()
        except ValueError as error:
            raise self._damaged(reason_of(error)) from error
        self._askable = self.setup.askable()

    def is_there(self) -> bool:
        """Whether its file is still the one that was opened: what is written elsewhere is lost."""
        try:
            return self.place.stat().st_ino == self._inode
        except OSError:
            return False

    def is_host(self, token: str) -> bool:
        """Whether this is the host's token."""
        return hmac.compare_digest(hash_token(token), self._host)

    def is_closed(self) -> bool:
        """Whether its host has closed it."""
        with self._open() as db:
            return self._closed(db)

    def close(self, token: str) -> None:
        """Take no more answers. Raises SimilarityError unless the host asks."""
        if not self.is_host(token):
            raise SimilarityError("Only the host's link can close a vote.")
        with self._writing() as db:
            db.execute("UPDATE vote SET closed = ? WHERE closed IS NULL", (time.time(),))

    def counts(self) -> tuple[int, int]:
        """How many answers there are, and of how many people."""
        with self._results() as db:
            return db.execute(
                "SELECT COUNT(*), COUNT(DISTINCT participant) FROM asked WHERE answer IS NOT NULL"
            ).fetchone()

    def revision(self) -> tuple[int, float]:
        """What changes with every answer that is given or taken back."""
        with self._results() as db:
            count, last = db.execute("SELECT COUNT(answer), MAX(answered) FROM asked").fetchone()
        return count, last or 0.0

    def cast(self) -> list[Cast]:
        """Every answer, in the order in which they came."""
        with self._results() as db:
            found = db.execute(
                "SELECT participant, number, query, left_method, right_method, shuffled, answer, "
                "asked, answered FROM asked WHERE answer IS NOT NULL ORDER BY answered, rowid"
            ).fetchall()
        cast = [Cast(*row) for row in found]
        for one in cast:
            if not {one.left, one.right} <= self.setup.rows.keys() or not (
                0 <= one.query < len(self.setup.queries)
            ):
                raise self._damaged("an answer is of no question of this vote")
        return cast

    def current(self, participant: str, rng: Random | None = None) -> Shown | None:
        """What this person is asked now; None if there is nothing more to ask.

        The same until it is answered, also after a reload. Raises Closed, and SimilarityError for
        what is no participant's id.
        """
        with self._writing() as db:
            return self._current(db, participant, rng)

    def answer(
        self, participant: str, number: int, answer: str, rng: Random | None = None
    ) -> Shown | None:
        """Keep the answer to a person's question, and give the next as `current` does.

        An answer to a question that is not the present one changes nothing: it was sent twice.
        Raises Closed, and SimilarityError for what is no answer.
        """
        if answer not in ANSWERS:
            raise SimilarityError(f"'{answer[:20]}' is no answer: give one of {ANSWERS}.")
        with self._writing() as db:
            self._must_be_open(db)
            db.execute(
                "UPDATE asked SET answer = ?, answered = ? "
                "WHERE participant = ? AND number = ? AND answer IS NULL",
                (answer, time.time(), participant, number),
            )
            return self._current(db, participant, rng)

    def undo(self, participant: str) -> Shown | None:
        """Take a person's last answer back, once: it is asked again. As `current` otherwise."""
        with self._writing() as db:
            self._must_be_open(db)
            if self._undoable(db, participant):
                (last,) = db.execute(
                    "SELECT MAX(number) FROM asked WHERE participant = ? AND answer IS NOT NULL",
                    (participant,),
                ).fetchone()
                db.execute(
                    "DELETE FROM asked WHERE participant = ? AND number > ?", (participant, last)
                )
                db.execute(
                    "UPDATE asked SET answer = NULL, answered = NULL, again = 1 "
                    "WHERE participant = ? AND number = ?",
                    (participant, last),
                )
            return self._current(db, participant)

    def _current(
        self, db: sqlite3.Connection, participant: str, rng: Random | None = None
    ) -> Shown | None:
        self._must_be_open(db)
        if not PARTICIPANT.fullmatch(participant):
            raise SimilarityError("This is no participant's id: reload the page.")
        open_ = "SELECT number FROM asked WHERE participant = ? AND answer IS NULL"
        if not db.execute(open_, (participant,)).fetchone() and not self._ask(
            db, participant, rng or Random()
        ):
            return None
        number, query, left, right, shuffled, places = db.execute(
            "SELECT number, query, left_method, right_method, shuffled, places FROM asked "
            "WHERE participant = ? AND answer IS NULL",
            (participant,),
        ).fetchone()
        try:
            asked = self.setup.queries[query]
            rows = {"left": self.setup.rows[left][query], "right": self.setup.rows[right][query]}
            if shuffled:
                rows[shuffled] = [rows[shuffled][place] for place in json.loads(places)]
        except (LookupError, ValueError, TypeError) as error:
            raise self._damaged("a question is none of this vote") from error
        undoable = self._undoable(db, participant)
        return Shown(number, asked, rows["left"], rows["right"], number - 1, undoable)

    def _ask(self, db: sqlite3.Connection, participant: str, rng: Random) -> bool:
        """Decide on a person's next question, if there is one."""
        own = [
            Question(*row)
            for row in db.execute(
                "SELECT query, left_method, right_method FROM asked WHERE participant = ?",
                (participant,),
            )
        ]
        if not own:
            (people,) = db.execute("SELECT COUNT(DISTINCT participant) FROM asked").fetchone()
            if people >= MOST_PARTICIPANTS:
                raise SimilarityError(
                    f"This vote has {MOST_PARTICIPANTS:,} participants and takes no more."
                )
        asked = {
            Question(*row): times
            for *row, times in db.execute(
                "SELECT query, left_method, right_method, COUNT(*) FROM asked "
                "GROUP BY left_method, right_method, query"
            )
        }
        number = len(own) + 1
        question = next_question(self._askable, asked, own, rng)
        if question and is_control(self.setup.seed, participant, number):
            question = next_control(
                self.setup.methods, len(self.setup.queries), self.setup.k, asked, own, rng
            )
        if not question:
            return False
        db.execute(
            "INSERT INTO asked (participant, number, query, left_method, right_method, shuffled, "
            "places, asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(participant, number, question.query, question.left, question.right),
                *(question.shuffled, json.dumps(question.places), time.time()),
            ),
        )
        return True

    def _undoable(self, db: sqlite3.Connection, participant: str) -> bool:
        """Whether the last thing that this person did was to answer."""
        answered, again = db.execute(
            "SELECT COUNT(answer), MAX(again * (answer IS NULL)) FROM asked WHERE participant = ?",
            (participant,),
        ).fetchone()
        return answered > 0 and not again

    def _must_be_open(self, db: sqlite3.Connection) -> None:
        if self._closed(db):
            raise Closed("This vote is closed and takes no more answers.")

    def _closed(self, db: sqlite3.Connection) -> bool:
        return db.execute("SELECT closed FROM vote").fetchone()[0] is not None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._turn, self._reporting():
            yield self._db

    @contextmanager
    def _results(self) -> Iterator[sqlite3.Connection]:
        with self._reading, self._reporting():
            yield self._reader

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:  # a full disk, a file that is locked for long
            raise SimilarityError(f"The vote can't be reached: {reason_of(error)}.") from error
        except sqlite3.Error as error:
            raise self._damaged(reason_of(error)) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, one at a time; it is kept when this ends without an error."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    def _damaged(self, reason: str) -> SimilarityError:
        return SimilarityError(
            f"The vote's file {self.place.name} is damaged ({reason}): restore it, or make another."
        )
