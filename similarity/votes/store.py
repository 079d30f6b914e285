"""A vote's SQLite file, in which every answer is safe before the page continues.

The file is in WAL mode with a sync at every commit, so neither a killed process nor a power failure
loses an acknowledged answer. Participants are stored as random ids only.
"""

import hmac
import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from random import Random

from similarity.errors import SimilarityError, get_reason
from similarity.store.sqlite import begin_transaction, connect, read_versions
from similarity.votes.database import APPLICATION, SUFFIX, get_votes_folder, hash_token
from similarity.votes.schedule import Question, choose_control, choose_question, is_control
from similarity.votes.vote import ANSWERS, FORMAT, CastVote, PresentedQuestion, setups

VOTE_ID = re.compile(r"[0-9a-f]{12}")
PARTICIPANT = re.compile(r"[0-9a-f]{32}")
MAX_PARTICIPANTS = 5000  # of one vote


class VoteClosedError(SimilarityError):
    """The vote takes no more answers."""


class Votes:
    """One vote. Safe to share between threads, and its file between processes.

    Threads share two connections, so that reading results delays nobody who votes. Both stay open,
    because SQLite cleans up the file whenever the last connection is closed, which takes longer
    than an answer.
    """

    def __init__(self, name: str) -> None:
        """Open a vote by its id. Raises SimilarityError if there is none, or if it is damaged."""
        self.path = get_votes_folder() / f"{name}{SUFFIX}"
        if not VOTE_ID.fullmatch(name) or not self.path.is_file():
            raise SimilarityError("There is no such vote. Ask its host for the complete link.")
        self.name = name
        self._write_lock, self._read_lock = threading.Lock(), threading.Lock()
        with ExitStack() as connections, self._translate_errors():
            self._writer = connections.enter_context(closing(connect(self.path, "rw")))
            self._reader = connections.enter_context(closing(connect(self.path, "rw")))
            self._inode = self.path.stat().st_ino
            self._read_setup()
            connections.pop_all()  # nothing raised, so they stay open
        self._askable = self.setup.list_askable()

    def _read_setup(self) -> None:
        """Read what is asked and who may close the vote. Raises SimilarityError if damaged."""
        with self._lock_writer() as db:
            versions = read_versions(db)
            if versions != (APPLICATION, FORMAT):
                raise self._make_damage_error(f"its format is {versions[1]}, not {FORMAT}")
            rows = db.execute("SELECT setup, host FROM vote").fetchall()
        try:
            ((setup_json, self._host),) = rows
            self.setup = setups.validate_json(setup_json, by_name=False)
            self.setup.validate()
        except ValueError as error:
            raise self._make_damage_error(get_reason(error)) from error

    def is_current(self) -> bool:
        """Return whether the file is still the one that was opened.

        Answers written to a replaced file would be lost.
        """
        try:
            return self.path.stat().st_ino == self._inode
        except OSError:
            return False

    def is_host(self, token: str) -> bool:
        """Return whether a token is the host's."""
        return hmac.compare_digest(hash_token(token), self._host)

    def is_closed(self) -> bool:
        """Return whether the host has closed the vote."""
        with self._lock_writer() as db:
            return self._is_closed(db)

    def close(self, token: str) -> None:
        """Close the vote. Raises SimilarityError unless the token is the host's."""
        if not self.is_host(token):
            raise SimilarityError("Only the host's link can close a vote.")
        with self._begin_transaction() as db:
            db.execute("UPDATE vote SET closed = ? WHERE closed IS NULL", (time.time(),))

    def count_votes(self) -> tuple[int, int]:
        """Return the number of votes and of people."""
        with self._lock_reader() as db:
            return db.execute(
                "SELECT COUNT(*), COUNT(DISTINCT participant) FROM asked WHERE answer IS NOT NULL"
            ).fetchone()

    def get_revision(self) -> tuple[int, float]:
        """Return a value that changes with every vote that is given or taken back."""
        with self._lock_reader() as db:
            count, last = db.execute("SELECT COUNT(answer), MAX(answered) FROM asked").fetchone()
        return count, last or 0.0

    def list_votes(self) -> list[CastVote]:
        """Return all votes, in order of arrival."""
        with self._lock_reader() as db:
            rows = db.execute(
                "SELECT participant, number, query, left_method, right_method, shuffled, answer, "
                "asked, answered FROM asked WHERE answer IS NOT NULL ORDER BY answered, rowid"
            ).fetchall()
        votes = [CastVote(*row) for row in rows]
        for vote in votes:
            if not {vote.left, vote.right} <= self.setup.rows.keys() or not (
                0 <= vote.query < len(self.setup.queries)
            ):
                raise self._make_damage_error("an answer belongs to no question of this vote")
        return votes

    def get_question(self, participant: str, rng: Random | None = None) -> PresentedQuestion | None:
        """Return a participant's current question, or None if there are no more.

        It stays the same until it is answered, also after a reload. Raises VoteClosedError, and
        SimilarityError for an invalid participant id.
        """
        with self._begin_transaction() as db:
            return self._get_question(db, participant, rng)

    def record_answer(
        self, participant: str, number: int, answer: str, rng: Random | None = None
    ) -> PresentedQuestion | None:
        """Store the answer to a participant's question, and return the next question.

        An answer to another question than the current one is ignored: it was sent twice. Raises
        VoteClosedError, and SimilarityError for an invalid answer.
        """
        if answer not in ANSWERS:
            raise SimilarityError(f"'{answer[:20]}' is not an answer. Give one of {ANSWERS}.")
        with self._begin_transaction() as db:
            self._require_open(db)
            db.execute(
                "UPDATE asked SET answer = ?, answered = ? "
                "WHERE participant = ? AND number = ? AND answer IS NULL",
                (answer, time.time(), participant, number),
            )
            return self._get_question(db, participant, rng)

    def undo(self, participant: str) -> PresentedQuestion | None:
        """Take back a participant's last answer, once, and return its question again."""
        with self._begin_transaction() as db:
            self._require_open(db)
            if self._can_undo(db, participant):
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
            return self._get_question(db, participant)

    def _get_question(
        self, db: sqlite3.Connection, participant: str, rng: Random | None = None
    ) -> PresentedQuestion | None:
        self._require_open(db)
        if not PARTICIPANT.fullmatch(participant):
            raise SimilarityError("This is not a participant's id. Reload the page.")
        open_question = "SELECT number FROM asked WHERE participant = ? AND answer IS NULL"
        if not db.execute(open_question, (participant,)).fetchone() and not self._add_question(
            db, participant, rng or Random()
        ):
            return None
        number, query, left, right, shuffled, places = db.execute(
            "SELECT number, query, left_method, right_method, shuffled, places FROM asked "
            "WHERE participant = ? AND answer IS NULL",
            (participant,),
        ).fetchone()
        try:
            query_shown = self.setup.queries[query]
            rows = {"left": self.setup.rows[left][query], "right": self.setup.rows[right][query]}
            if shuffled:
                rows[shuffled] = [rows[shuffled][place] for place in json.loads(places)]
        except (LookupError, ValueError, TypeError) as error:
            raise self._make_damage_error("a question doesn't belong to this vote") from error
        can_undo = self._can_undo(db, participant)
        return PresentedQuestion(
            number, query_shown, rows["left"], rows["right"], number - 1, can_undo
        )

    def _add_question(self, db: sqlite3.Connection, participant: str, rng: Random) -> bool:
        """Choose and store a participant's next question; return whether there is one."""
        own_questions = [
            Question(*row)
            for row in db.execute(
                "SELECT query, left_method, right_method FROM asked WHERE participant = ?",
                (participant,),
            )
        ]
        if not own_questions:
            (people,) = db.execute("SELECT COUNT(DISTINCT participant) FROM asked").fetchone()
            if people >= MAX_PARTICIPANTS:
                raise SimilarityError(
                    f"This vote has {MAX_PARTICIPANTS:,} participants and takes no more."
                )
        times_asked = {
            Question(*row): times
            for *row, times in db.execute(
                "SELECT query, left_method, right_method, COUNT(*) FROM asked "
                "GROUP BY left_method, right_method, query"
            )
        }
        number = len(own_questions) + 1
        question = choose_question(self._askable, times_asked, own_questions, rng)
        if question and is_control(self.setup.seed, participant, number):
            question = choose_control(
                self.setup.methods,
                len(self.setup.queries),
                self.setup.k,
                times_asked,
                own_questions,
                rng,
            )
        if not question:
            return False
        db.execute(
            "INSERT INTO asked (participant, number, query, left_method, right_method, shuffled, "
            "places, asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(participant, number, question.query, question.left, question.right),
                *(question.shuffled, json.dumps(question.order), time.time()),
            ),
        )
        return True

    def _can_undo(self, db: sqlite3.Connection, participant: str) -> bool:
        """Return whether the last thing that this participant did was to answer."""
        answer_count, was_undone = db.execute(
            "SELECT COUNT(answer), MAX(again * (answer IS NULL)) FROM asked WHERE participant = ?",
            (participant,),
        ).fetchone()
        return answer_count > 0 and not was_undone

    def _require_open(self, db: sqlite3.Connection) -> None:
        if self._is_closed(db):
            raise VoteClosedError("This vote is closed and takes no more answers.")

    def _is_closed(self, db: sqlite3.Connection) -> bool:
        return db.execute("SELECT closed FROM vote").fetchone()[0] is not None

    @contextmanager
    def _lock_writer(self) -> Iterator[sqlite3.Connection]:
        with self._write_lock, self._translate_errors():
            yield self._writer

    @contextmanager
    def _lock_reader(self) -> Iterator[sqlite3.Connection]:
        with self._read_lock, self._translate_errors():
            yield self._reader

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        # such as a full disk, or a file that stays locked
        except sqlite3.OperationalError as error:
            raise SimilarityError(f"The vote can't be reached: {get_reason(error)}.") from error
        except sqlite3.Error as error:
            raise self._make_damage_error(get_reason(error)) from error

    @contextmanager
    def _begin_transaction(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction, one at a time; commit it unless an exception is raised."""
        with self._lock_writer() as db, begin_transaction(db):
            yield db

    def _make_damage_error(self, reason: str) -> SimilarityError:
        return SimilarityError(
            f"The vote's file {self.path.name} is damaged ({reason}). Restore it, or create "
            "another vote."
        )
