"""Blind votes: what is asked is balanced, and what is said is kept."""

import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binom

from harness.voting import K, let_vote, made, person, preferring, setup_of
from similarity import Catalogue
from similarity.errors import SimilarityError
from similarity.votes.database import create, votes_folder
from similarity.votes.results import results
from similarity.votes.rows import answered, drawn, worded
from similarity.votes.schedule import EVERY, is_control
from similarity.votes.store import Closed, Votes
from similarity.votes.vote import Query
from tests.conftest import PROJECT

THREE = ("a", "b", "c")


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))


def within(hits: int, count: int) -> bool:
    """Whether a fair coin comes up so often in 9,999 of 10,000 cases."""
    low, high = binom.interval(0.9999, count, 0.5)
    return bool(low <= hits <= high)


def spread(votes: Votes) -> int:
    """How much more often the most asked pair was asked than the least."""
    with sqlite3.connect(votes.place) as db:
        rows = db.execute("SELECT left_method, right_method FROM asked").fetchall()
    pairs = Counter(frozenset(row) for row in rows if row[0] != row[1])
    return max(pairs.values()) - min(pairs.values())


# ---- what is asked


def test_pairs_are_asked_evenly_and_sides_and_orders_are_balanced_over_many_sessions() -> None:
    votes, _ = made(THREE, queries=12)
    equal = preferring(votes.setup, dict.fromkeys([*THREE, "?"], 0.0), 0, np.random.default_rng(1))
    let_vote(votes, people=8, each=30, answer=equal)
    cast = votes.cast()
    real = [one for one in cast if not one.is_control]
    assert spread(votes) <= 1
    pairs = Counter(frozenset((one.left, one.right)) for one in real)
    for pair, count in pairs.items():
        first = min(pair)
        of_these = [one for one in real if {one.left, one.right} == pair]
        assert within(sum(one.left == first for one in of_these), count)
        asked = Counter(one.query for one in of_these)
        assert len(asked) == 12
        assert max(asked.values()) - min(asked.values()) <= 3
    # nobody could foresee the side from the one before
    firsts = [one.left == min(one.left, one.right) for one in real]
    assert within(sum(x == y for x, y in pairwise(firsts)), len(firsts) - 1)
    # each session has its own order, and asks a query again only after all others
    orders = set()
    for i in range(8):
        own = [one.query for one in real if one.participant == person(i)]
        orders.add(tuple(own))
        assert max(Counter(own[:12]).values()) <= 2
        pairs_of_one = Counter(
            (one.query, frozenset((one.left, one.right)))
            for one in real
            if one.participant == person(i)
        )
        assert set(pairs_of_one.values()) == {1}, "asked twice"
    assert len(orders) == 8


def test_one_question_in_twenty_is_a_control_that_has_one_methods_row_in_two_orders() -> None:
    votes, _ = made(THREE, queries=40)
    always = preferring(votes.setup, dict.fromkeys([*THREE, "?"], 0.0), 0, np.random.default_rng(2))
    let_vote(votes, people=3, each=2 * EVERY, answer=always)
    controls = [one for one in votes.cast() if one.is_control]
    assert Counter(one.participant for one in controls) == {person(i): 2 for i in range(3)}
    assert {one.shuffled for one in controls} <= {"left", "right"}
    taken = Counter(one.left for one in controls)
    assert max(taken.values()) - min(taken.values()) <= 1
    places = [n for n in range(1, 4001) if is_control(7, person(9), n)]
    assert len(places) == 4000 // EVERY
    assert len({n % EVERY for n in places}) == EVERY, "its place could be guessed"
    # what is shown is the row, and the row in another order
    votes, _ = made(THREE, queries=40)
    seen = 0
    for i in range(30):
        shown = votes.current(person(i))
        assert shown
        if sorted(shown.left) == sorted(shown.right):
            assert shown.left != shown.right
            seen += 1
        else:
            assert not set(shown.left) & set(shown.right)
    assert seen == sum(is_control(7, person(i), 1) for i in range(30))


def test_rows_of_the_same_products_in_the_same_order_are_counted_and_never_asked() -> None:
    alike = (0, 3, 4)
    votes, _ = made(("a", "b"), queries=8, alike=alike)
    asked = []
    while shown := votes.current(person(1)):
        asked.append(shown.query.value)
        votes.answer(person(1), shown.number, "left")
    real = [one for one in votes.cast() if not one.is_control]
    assert {one.query for one in real} == set(range(8)) - set(alike)
    assert len(asked) == len(votes.cast())
    again = votes.undo(person(1))  # also of the last question
    assert again
    assert (again.number, again.query.value) == (len(asked), asked[-1])
    assert votes.answer(person(1), again.number, "right") is None
    found = results(votes.setup, votes.cast())
    assert found
    assert found.outcomes[0].identical == len(alike)


# ---- what is kept


def test_an_answer_counts_once_and_the_question_stays_until_it_is_answered() -> None:
    votes, _ = made(("a", "b"))
    first = votes.current(person(1))
    assert first == votes.current(person(1)) == Votes(votes.name).current(person(1))
    assert first
    second = votes.answer(person(1), 1, "left")
    assert second
    assert (second.number, second.answered, second.undoable) == (2, 1, True)
    assert votes.answer(person(1), 1, "right") == second  # sent twice
    assert votes.answer(person(1), 5, "right") == second  # never asked
    assert [one.answer for one in votes.cast()] == ["left"]
    assert votes.counts() == (1, 1)


def test_the_last_answer_can_be_taken_back_once() -> None:
    votes, _ = made(("a", "b"))
    first = votes.current(person(1))
    assert first
    assert not first.undoable
    assert votes.undo(person(1)) == first
    votes.answer(person(1), 1, "left")
    votes.answer(person(1), 2, "bad")
    again = votes.undo(person(1))
    assert again
    assert (again.number, again.undoable) == (2, False)
    assert votes.undo(person(1)) == again
    assert [one.number for one in votes.cast()] == [1]
    after = votes.answer(person(1), 2, "good")
    assert after
    assert after.undoable
    assert [one.answer for one in votes.cast()] == ["left", "good"]


def test_a_closed_vote_takes_no_more_and_only_its_host_can_close_it() -> None:
    votes, token = made(("a", "b"))
    shown = votes.current(person(1))
    assert shown
    for wrong in ("", "x", token[:-1], token + "x", "\udc80"):
        assert not votes.is_host(wrong)
        with pytest.raises(SimilarityError, match="Only the host"):
            votes.close(wrong)
    assert not votes.is_closed()
    assert token not in votes.place.read_bytes().decode("latin-1")
    votes.close(token)
    assert votes.is_closed()
    for late in (
        lambda: votes.answer(person(1), 1, "left"),
        lambda: votes.undo(person(1)),
        lambda: votes.current(person(2)),
    ):
        with pytest.raises(Closed, match="closed"):
            late()
    assert votes.counts() == (0, 0)


@pytest.mark.parametrize(
    "name", ["", "../demo", "0" * 12, "x" * 12, "/etc/passwd", "0" * 11 + "\0"]
)
def test_an_id_of_no_vote_is_refused(name: str) -> None:
    with pytest.raises(SimilarityError, match="no such vote"):
        Votes(name)


@pytest.mark.parametrize("who", ["", "x" * 32, "0" * 31, "0" * 33, "A" * 32])
def test_what_is_no_participant_and_what_is_no_answer_are_refused(who: str) -> None:
    votes, _ = made(("a", "b"))
    with pytest.raises(SimilarityError, match="participant"):
        votes.current(who)
    with pytest.raises(SimilarityError, match="no answer"):
        votes.answer(person(1), 1, who)


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM vote",
        "UPDATE vote SET setup = '{}'",
        "UPDATE vote SET setup = replace(setup, '\"k\":4', '\"k\":5')",
        "DROP TABLE vote",
        "PRAGMA user_version = 99",
        "PRAGMA application_id = 0",
        None,
    ],
)
def test_a_damaged_file_is_refused_by_its_name(harm: str | None) -> None:
    votes, _ = made(("a", "b"))
    if harm is None:
        votes.place.write_bytes(b"no database " * 100)
    else:
        with sqlite3.connect(votes.place) as db:
            db.execute(harm)
    with pytest.raises(SimilarityError) as refused:
        Votes(votes.name)
    assert votes.place.name in str(refused.value) or "can't be reached" in str(refused.value)


@pytest.mark.parametrize(
    "harm", ["left_method = 'x'", "query = 99", "shuffled = 'left', places = '[7]'"]
)
def test_a_question_that_is_none_of_the_vote_is_told_and_shown_to_nobody(harm: str) -> None:
    votes, _ = made(("a", "b"))
    votes.current(person(1))
    with sqlite3.connect(votes.place) as db:
        db.execute(f"UPDATE asked SET {harm}")
    with pytest.raises(SimilarityError, match="damaged"):
        votes.current(person(1))
    assert votes.current(person(2)), "others go on"


def test_many_people_at_once_lose_nothing_and_nothing_is_double() -> None:
    votes, _ = made(THREE, queries=20)

    def vote(i: int) -> list[tuple[int, str]]:
        said = []
        for _ in range(10):
            shown = Votes(votes.name).current(person(i))
            assert shown
            answer = ("left", "right", "good", "bad")[(i + shown.number) % 4]
            votes.answer(person(i), shown.number, answer)
            votes.answer(person(i), shown.number, "left")  # again
            said.append((shown.number, answer))
        return said

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(vote, range(12)))
    found: dict[int, list[tuple[int, str]]] = {i: [] for i in range(12)}
    for one in votes.cast():
        found[int(one.participant, 16)].append((one.number, one.answer))
    assert found == dict(enumerate(said))
    assert spread(votes) <= 1


def test_reading_results_holds_up_nobody_who_answers() -> None:
    votes, _ = made(THREE, queries=20)
    votes.current(person(0))
    with votes._results() as reader, ThreadPoolExecutor(1) as pool:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM asked").fetchone()
        answering = pool.submit(votes.answer, person(0), 1, "left")
        shown = answering.result(timeout=20)
        reader.execute("ROLLBACK")
    assert shown
    assert shown.number == 2


def test_a_revision_is_another_after_every_answer_given_or_taken_back() -> None:
    votes, _ = made(THREE, queries=20)
    seen = [votes.revision()]
    for number in (1, 2):
        votes.current(person(0))
        votes.answer(person(0), number, "left")
        seen.append(votes.revision())
    votes.current(person(1))
    assert votes.revision() == seen[-1], "nobody has answered"
    votes.undo(person(0))
    assert votes.revision() == seen[1], "the answers are those of before"
    votes.answer(person(0), 2, "left")
    seen.append(votes.revision())
    assert len(set(seen)) == len(seen)
    assert Votes(votes.name).revision() == seen[-1]


def test_the_next_question_is_decided_without_reading_every_answer() -> None:
    """What is read is a row for each question that was asked of anybody, however often."""
    votes, _ = made(("a", "b"), queries=5)
    rows = []

    class Counting(sqlite3.Cursor):
        def __next__(self) -> object:
            rows.append(1)
            return super().__next__()

        def fetchall(self) -> list[object]:
            found = super().fetchall()
            rows.extend(found)
            return found

    always = preferring(votes.setup, {"a": 0.0, "b": 0.0, "?": 0.0}, 0, np.random.default_rng(2))
    let_vote(votes, people=60, each=5, answer=always)
    with votes._open() as db:
        counting = SimpleNamespace(execute=lambda *some: db.cursor(Counting).execute(*some))
        db.execute("BEGIN")
        votes._ask(counting, person(99), Random(0))  # type: ignore[arg-type]
        db.execute("ROLLBACK")
    assert len(votes.cast()) > 250
    assert 1 <= len(rows) <= 30


_VOTER = """
import sys
from similarity.votes.store import Votes
votes = Votes(sys.argv[1])
while shown := votes.current(sys.argv[2]):
    votes.answer(sys.argv[2], shown.number, "good")
    print(shown.number, flush=True)
"""


def test_a_killed_process_loses_no_answer_that_it_acknowledged() -> None:
    votes, _ = made(THREE, queries=200)
    for i in range(3):
        command = [sys.executable, "-c", _VOTER, votes.name, person(i)]
        with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout
            for _ in range(20 + i):
                last = int(running.stdout.readline())
            running.kill()  # in the middle of the next
            rest = running.stdout.read().split()
        acknowledged = {*range(1, last + 1), *map(int, rest)}
        kept = {one.number for one in votes.cast() if one.participant == person(i)}
        assert acknowledged <= kept
        assert len(kept - acknowledged) <= 1  # written, but not yet told
        shown = votes.current(person(i))
        assert shown
        assert shown.number == max(kept) + 1


def test_a_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    votes_folder().parent.mkdir(exist_ok=True)
    votes_folder().write_text("a file")
    with pytest.raises(SimilarityError, match=r"\.votes.*writable"):
        create(setup_of(THREE))


# ---- what a host may ask


def test_rows_are_the_methods_own_answers_to_products_and_nothing_else_is_a_vote(
    shop: Catalogue,
) -> None:
    queries = drawn(shop, 6, Random(0))
    assert len({query.value for query in queries}) == 6
    keys = ["pixels", "tiny"]
    told: list[float] = []
    setup = answered(shop, keys, "random", queries, K, "  Which\n one? ", told.append)
    assert setup.question == "Which one?"
    assert told[-1] == 1
    for key in keys:
        for query, row in zip(queries, setup.rows[key], strict=True):
            hits = shop.search(key, product=query.value, k=K, exact=True)
            assert row == [hit.product for hit in hits]
            assert query.value not in row
    name, _ = create(setup)
    assert Votes(name).setup == setup
    wrong = [
        (["pixels"], queries, K, "?", "2 to 6 methods"),
        (["pixels", "pixels"], queries, K, "?", "2 to 6 methods"),
        (keys, queries[:2], K, "?", "2 queries"),
        (keys, queries, 3, "?", "A row has"),
        (keys, queries, 9, "?", "A row has"),
        (keys, queries, K, " ", "question"),
        (keys, queries, K, "x" * 200, "question"),
        (keys, [Query("text", f"word {i}") for i in range(6)], K, "?", "words"),
    ]
    for methods, some, k, question, why in wrong:
        with pytest.raises(SimilarityError, match=why):
            answered(shop, methods, "random", some, k, question)


def test_words_are_a_query_a_line_and_are_cleaned() -> None:
    assert worded("red shoe \n\n  mug\nred shoe\n") == [
        Query("text", "red shoe"),
        Query("text", "mug"),
    ]
    with pytest.raises(SimilarityError, match="longer"):
        worded("x" * 5000)
