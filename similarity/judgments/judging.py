"""Ask judges about the products of a pool, one pair of query and product at a time."""

import hmac
import json
import re
import secrets
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from similarity.errors import SimilarityError, get_reason
from similarity.judgments.database import FILE, SCHEMA
from similarity.judgments.judgment import GRADES, HIGHEST, MAX_NOTE
from similarity.judgments.pool import FORMAT, Pair, Pool, pools
from similarity.judgments.store import number_queries
from similarity.measures.metrics.schema import Figure
from similarity.parts import Term
from similarity.store.sqlite import begin_transaction, open_database
from similarity.votes.alpha import estimate_alpha
from similarity.votes.database import hash_token

POOL_ID = re.compile(r"[0-9a-f]{12}")
MAX_POOLS = 1000  # of a catalogue


@dataclass(frozen=True)
class Question:
    """A product to grade for a query, and how far the judge is.

    `pair` is what an answer has to name. `of_query` and `of_all` are the number of answered pairs
    and of all, for this query and altogether; `following` is the product that comes next, if any.
    """

    pair: Pair
    query: Term
    product: str
    of_query: tuple[int, int]
    of_all: tuple[int, int]
    can_undo: bool
    following: str


@dataclass(frozen=True)
class JudgeProgress:
    """How many pairs a judge has graded and skipped, of how many."""

    graded: int
    skipped: int
    total: int


@dataclass(frozen=True)
class JudgesAgreement:
    """Krippendorff's alpha of grades by several judges, and the number of pairs and grades."""

    alpha: Figure
    pairs: int
    grades: int


def create_pool(folder: Path, pool: Pool) -> tuple[str, str]:
    """Store a pool in a catalogue's folder; return its id and its host's token.

    Raises SimilarityError if it can't be stored.
    """
    name, token = secrets.token_hex(6), secrets.token_urlsafe(24)
    judges = [hash_token(make_judge_token(token, judge)) for judge in range(pool.judges)]
    with open_database(folder / FILE, SCHEMA) as db, begin_transaction(db):
        (count,) = db.execute("SELECT COUNT(*) FROM pool").fetchone()
        if count >= MAX_POOLS:
            raise SimilarityError(f"This catalogue has {MAX_POOLS:,} pools and takes no more.")
        source = db.execute(
            "INSERT INTO source (name, added) VALUES (?, ?)", (f"pool {name}", time.time())
        ).lastrowid
        db.execute(
            "INSERT INTO pool VALUES (?, ?, ?, ?, ?)",
            (name, pools.dump_json(pool).decode(), hash_token(token), json.dumps(judges), source),
        )
    return name, token


def make_judge_token(host_token: str, judge: int) -> str:
    """Return a judge's token, which the host can make again; judges are counted from 0."""
    return hmac.digest(host_token.encode(), f"judge {judge}".encode(), "sha256").hex()[:32]


class Judging:
    """A pool that is being judged. Safe to share between threads, and its file between processes.

    The file has the hashes of the host's and the judges' tokens.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Open a pool by its id. Raises SimilarityError if there is none, or if it is damaged."""
        self.path, self.name = folder / FILE, name
        row = None
        if POOL_ID.fullmatch(name) and self.path.is_file():
            with open_database(self.path, SCHEMA) as db:
                row = db.execute(
                    "SELECT setup, host, judges, source FROM pool WHERE id = ?", (name,)
                ).fetchone()
        if row is None:
            raise SimilarityError("There is no such pool. Ask its host for the complete link.")
        setup, self._host, judges, self._source = row
        try:
            self._judges: list[str] = json.loads(judges)
            self.pool = pools.validate_json(setup)
            if self.pool.format != FORMAT:
                raise ValueError(f"its format is {self.pool.format}, not {FORMAT}")
            self.pool.validate()
            if len(self._judges) != self.pool.judges:
                raise ValueError("it has another number of judges")
        except ValueError as error:
            raise SimilarityError(
                f"The pool {name} is damaged ({get_reason(error)}). Create another one."
            ) from error
        self._pairs = [self.pool.list_pairs(judge) for judge in range(self.pool.judges)]

    def is_host(self, token: str) -> bool:
        """Return whether a token is the host's."""
        return hmac.compare_digest(hash_token(token), self._host)

    def find_judge(self, token: str) -> int:
        """Return the number of a judge, from 0. Raises SimilarityError for any other token."""
        hashed = hash_token(token)
        for number, judge in enumerate(self._judges):
            if hmac.compare_digest(hashed, judge):
                return number
        raise SimilarityError("This link is of no judge of this pool. Ask its host for yours.")

    def get_question(self, judge: int) -> Question | None:
        """Return what a judge is asked now, or None at the end."""
        with open_database(self.path, SCHEMA) as db:
            return self._get_question(db, judge)

    def record(self, judge: int, pair: Pair, grade: int | None, note: str = "") -> Question | None:
        """Store a judge's grade, or that they skip, and return the next question.

        An answer to another pair than the present one is ignored: it was sent twice. Raises
        SimilarityError for an invalid grade or a too long note.
        """
        if grade is not None and (type(grade) is not int or grade not in GRADES):
            raise SimilarityError(f"A grade is 0 to {HIGHEST}.")
        note = note.encode("utf-8", "ignore").decode().replace("\0", "").strip()
        if len(note) > MAX_NOTE:
            raise SimilarityError(f"The note is longer than {MAX_NOTE} characters. Shorten it.")
        with open_database(self.path, SCHEMA) as db, begin_transaction(db):
            question = self._get_question(db, judge)
            if question is None or question.pair != pair:
                return question
            judgment = None
            if grade is not None:
                query = number_queries(db, [question.query])[question.query]
                judgment = db.execute(
                    "INSERT INTO judgment (source, query, product, grade, judge, judged, note) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(self._source, query, question.product, grade),
                        *(self._name_judge(judge), time.time(), note),
                    ),
                ).lastrowid
            db.execute(
                "INSERT INTO answer (pool, judge, query, product, judgment) VALUES (?, ?, ?, ?, ?)",
                (self.name, judge, *pair, judgment),
            )
            return self._get_question(db, judge)

    def undo(self, judge: int) -> Question | None:
        """Take back a judge's last answer, and return its question again."""
        with open_database(self.path, SCHEMA) as db, begin_transaction(db):
            row = db.execute(
                "SELECT id, judgment FROM answer WHERE pool = ? AND judge = ? "
                "ORDER BY id DESC LIMIT 1",
                (self.name, judge),
            ).fetchone()
            if row:
                db.execute("DELETE FROM answer WHERE id = ?", row[:1])
                db.execute("DELETE FROM judgment WHERE id = ?", row[1:])
            return self._get_question(db, judge)

    def list_progress(self) -> list[JudgeProgress]:
        """Return how far each judge is."""
        with open_database(self.path, SCHEMA) as db:
            counts = {
                judge: (graded, answers - graded)
                for judge, answers, graded in db.execute(
                    "SELECT judge, COUNT(*), COUNT(judgment) FROM answer WHERE pool = ? "
                    "GROUP BY judge",
                    (self.name,),
                )
            }
            return [
                JudgeProgress(*counts.get(judge, (0, 0)), len(self._list_asked(db, judge)))
                for judge in range(self.pool.judges)
            ]

    def compute_agreement(self) -> JudgesAgreement | None:
        """Return how far judges agree on the pairs that several of them graded, None without any.

        Alpha is that of grades as numbers (an interval scale): to differ by 2 weighs four times as
        much as by 1. Its interval is over queries.
        """
        with open_database(self.path, SCHEMA) as db:
            rows = db.execute(
                "SELECT answer.query, answer.product, grade FROM answer "
                "JOIN judgment ON judgment.id = answer.judgment WHERE pool = ?",
                (self.name,),
            ).fetchall()
        counts = Counter((query, product) for query, product, _ in rows)
        several = [row for row in rows if counts[row[:2]] > 1]
        if not several:
            return None
        units = {pair: i for i, pair in enumerate(dict.fromkeys(row[:2] for row in several))}
        queries = {query: i for i, query in enumerate(dict.fromkeys(row[0] for row in several))}
        unit = np.array([units[row[:2]] for row in several])
        query = np.array([queries[row[0]] for row in several])
        grade = np.array([row[2] for row in several])
        steps = np.arange(HIGHEST + 1)
        distance = (steps[:, None] - steps) ** 2
        alpha = estimate_alpha(unit, grade, [query], distance)
        return JudgesAgreement(alpha, len(units), len(several))

    def _get_question(self, db: sqlite3.Connection, judge: int) -> Question | None:
        pairs = self._list_asked(db, judge)
        answered = self._list_answered(db, judge)
        pending = [pair for pair in pairs if pair not in answered]
        if not pending:
            return None
        pair = pending[0]
        of_query = [other for other in pairs if other[0] == pair[0]]
        return Question(
            pair,
            self.pool.get_query(pair[0]),
            pair[1],
            (sum(other in answered for other in of_query), len(of_query)),
            (len(pairs) - len(pending), len(pairs)),
            bool(answered),
            pending[1][1] if len(pending) > 1 else "",
        )

    def _list_answered(self, db: sqlite3.Connection, judge: int) -> set[Pair]:
        rows = db.execute(
            "SELECT query, product FROM answer WHERE pool = ? AND judge = ?", (self.name, judge)
        )
        return set(rows)

    def _list_asked(self, db: sqlite3.Connection, judge: int) -> list[Pair]:
        """Return the pairs that a judge is asked about: nobody's work is done twice.

        What is judged already, elsewhere than by this judge here, is only asked if all judges get
        the query, for their agreement.
        """
        judged: set[Pair] = set()
        for number in range(self.pool.common, len(self.pool.queries)):
            rows = db.execute(
                "SELECT product FROM judgment WHERE query = "
                "(SELECT id FROM query WHERE kind = ? AND value = ?) "
                "AND (judge <> ? OR source <> ?)",
                (*self.pool.queries[number], self._name_judge(judge), self._source),
            )
            judged |= {(number, product) for (product,) in rows}
        return [pair for pair in self._pairs[judge] if pair not in judged]

    def _name_judge(self, judge: int) -> str:
        """Return who the file says has judged."""
        return f"judge {judge + 1} of pool {self.name}"
