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
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from harness.voting import (
    K,
    make_participant_id,
    make_sampler,
    make_setup,
    make_votes,
    simulate_answers,
)
from similarity import Catalogue
from similarity.errors import SimilarityError
from similarity.votes.database import create_vote, get_votes_folder
from similarity.votes.results import compute_results
from similarity.votes.rows import create_setup, draw_products, parse_texts
from similarity.votes.schedule import CONTROL_INTERVAL, is_control
from similarity.votes.store import VoteClosedError, Votes
from similarity.votes.vote import Query
from tests.conftest import PROJECT

THREE = ("a", "b", "c")


@pytest.fixture(autouse=True)
def votes_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))


def within(hits: int, count: int) -> bool:
    """Whether a fair coin comes up so often in 9,999 of 10,000 cases."""
    low, high = binom.interval(0.9999, count, 0.5)
    return bool(low <= hits <= high)


def spread(votes: Votes) -> int:
    """How much more often the most asked pair was asked than the least."""
    with sqlite3.connect(votes.path) as db:
        rows = db.execute("SELECT left_method, right_method FROM asked").fetchall()
    pairs = Counter(frozenset(row) for row in rows if row[0] != row[1])
    return max(pairs.values()) - min(pairs.values())


# ---- what is asked


def test_pairs_are_asked_evenly_and_sides_and_orders_are_balanced_over_many_sessions() -> None:
    votes, _ = make_votes(THREE, queries=12)
    equal = make_sampler(
        votes.setup, dict.fromkeys([*THREE, "?"], 0.0), 0, np.random.default_rng(1)
    )
    simulate_answers(votes, people=8, each=30, answer=equal)
    cast = votes.list_votes()
    real = [one for one in cast if not one.is_control]
    assert spread(votes) <= 1
    pairs = Counter(frozenset((one.left, one.right)) for one in real)
    for pair, count in pairs.items():
        first = min(pair)
        of_these = [one for one in real if {one.left, one.right} == pair]
        assert within(sum(one.left == first for one in of_these), count)
        counts = Counter(one.query for one in of_these)
        assert len(counts) == 12
        assert max(counts.values()) - min(counts.values()) <= 3
    # nobody could foresee the side from the one before
    firsts = [one.left == min(one.left, one.right) for one in real]
    assert within(sum(x == y for x, y in pairwise(firsts)), len(firsts) - 1)
    # each session has its own order, and asks a query again only after all others
    orders = set()
    for i in range(8):
        queries = [one.query for one in real if one.participant == make_participant_id(i)]
        orders.add(tuple(queries))
        assert max(Counter(queries[:12]).values()) <= 2
        pairs_of_one = Counter(
            (one.query, frozenset((one.left, one.right)))
            for one in real
            if one.participant == make_participant_id(i)
        )
        assert set(pairs_of_one.values()) == {1}, "asked twice"
    assert len(orders) == 8


def test_one_question_in_twenty_is_a_control_that_has_one_methods_row_in_two_orders() -> None:
    votes, _ = make_votes(THREE, queries=40)
    always = make_sampler(
        votes.setup, dict.fromkeys([*THREE, "?"], 0.0), 0, np.random.default_rng(2)
    )
    simulate_answers(votes, people=3, each=2 * CONTROL_INTERVAL, answer=always)
    controls = [one for one in votes.list_votes() if one.is_control]
    assert Counter(one.participant for one in controls) == {
        make_participant_id(i): 2 for i in range(3)
    }
    assert {one.shuffled for one in controls} <= {"left", "right"}
    left_counts = Counter(one.left for one in controls)
    assert max(left_counts.values()) - min(left_counts.values()) <= 1
    places = [n for n in range(1, 4001) if is_control(7, make_participant_id(9), n)]
    assert len(places) == 4000 // CONTROL_INTERVAL
    assert len({n % CONTROL_INTERVAL for n in places}) == CONTROL_INTERVAL, (
        "its place could be guessed"
    )
    # what is shown is the row, and the row in another order
    votes, _ = make_votes(THREE, queries=40)
    answer_count = 0
    for i in range(30):
        question = votes.get_question(make_participant_id(i))
        assert question
        if sorted(question.left) == sorted(question.right):
            assert question.left != question.right
            answer_count += 1
        else:
            assert not set(question.left) & set(question.right)
    assert answer_count == sum(is_control(7, make_participant_id(i), 1) for i in range(30))


def test_rows_of_the_same_products_in_the_same_order_are_counted_and_never_asked() -> None:
    alike = (0, 3, 4)
    votes, _ = make_votes(("a", "b"), queries=8, same_rows=alike)
    numbers = []
    while question := votes.get_question(make_participant_id(1)):
        numbers.append(question.query.value)
        votes.record_answer(make_participant_id(1), question.number, "left")
    real = [one for one in votes.list_votes() if not one.is_control]
    assert {one.query for one in real} == set(range(8)) - set(alike)
    assert len(numbers) == len(votes.list_votes())
    again = votes.undo(make_participant_id(1))  # also of the last question
    assert again
    assert (again.number, again.query.value) == (len(numbers), numbers[-1])
    assert votes.record_answer(make_participant_id(1), again.number, "right") is None
    results = compute_results(votes.setup, votes.list_votes())
    assert results
    assert results.outcomes[0].identical == len(alike)


# ---- what is kept


def test_an_answer_counts_once_and_the_question_stays_until_it_is_answered() -> None:
    votes, _ = make_votes(("a", "b"))
    first = votes.get_question(make_participant_id(1))
    assert (
        first
        == votes.get_question(make_participant_id(1))
        == Votes(votes.name).get_question(make_participant_id(1))
    )
    assert first
    second = votes.record_answer(make_participant_id(1), 1, "left")
    assert second
    assert (second.number, second.answer_count, second.can_undo) == (2, 1, True)
    assert votes.record_answer(make_participant_id(1), 1, "right") == second  # sent twice
    assert votes.record_answer(make_participant_id(1), 5, "right") == second  # never asked
    assert [one.answer for one in votes.list_votes()] == ["left"]
    assert votes.count_votes() == (1, 1)


def test_the_last_answer_can_be_taken_back_once() -> None:
    votes, _ = make_votes(("a", "b"))
    first = votes.get_question(make_participant_id(1))
    assert first
    assert not first.can_undo
    assert votes.undo(make_participant_id(1)) == first
    votes.record_answer(make_participant_id(1), 1, "left")
    votes.record_answer(make_participant_id(1), 2, "bad")
    again = votes.undo(make_participant_id(1))
    assert again
    assert (again.number, again.can_undo) == (2, False)
    assert votes.undo(make_participant_id(1)) == again
    assert [one.number for one in votes.list_votes()] == [1]
    after = votes.record_answer(make_participant_id(1), 2, "good")
    assert after
    assert after.can_undo
    assert [one.answer for one in votes.list_votes()] == ["left", "good"]


def test_a_closed_vote_takes_no_more_and_only_its_host_can_close_it() -> None:
    votes, token = make_votes(("a", "b"))
    question = votes.get_question(make_participant_id(1))
    assert question
    for wrong in ("", "x", token[:-1], token + "x", "\udc80"):
        assert not votes.is_host(wrong)
        with pytest.raises(SimilarityError, match="Only the host"):
            votes.close(wrong)
    assert not votes.is_closed()
    assert token not in votes.path.read_bytes().decode("latin-1")
    votes.close(token)
    assert votes.is_closed()
    for late in (
        lambda: votes.record_answer(make_participant_id(1), 1, "left"),
        lambda: votes.undo(make_participant_id(1)),
        lambda: votes.get_question(make_participant_id(2)),
    ):
        with pytest.raises(VoteClosedError, match="closed"):
            late()
    assert votes.count_votes() == (0, 0)


@pytest.mark.parametrize(
    "name", ["", "../demo", "0" * 12, "x" * 12, "/etc/passwd", "0" * 11 + "\0"]
)
def test_an_unknown_vote_id_is_refused(name: str) -> None:
    with pytest.raises(SimilarityError, match="no such vote"):
        Votes(name)


@pytest.mark.parametrize("who", ["", "x" * 32, "0" * 31, "0" * 33, "A" * 32])
def test_an_invalid_participant_or_answer_is_refused(who: str) -> None:
    votes, _ = make_votes(("a", "b"))
    with pytest.raises(SimilarityError, match="participant"):
        votes.get_question(who)
    with pytest.raises(SimilarityError, match="not an answer"):
        votes.record_answer(make_participant_id(1), 1, who)


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
def test_a_damaged_file_is_refused_by_its_name_and_closed(
    harm: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    real_connect = sqlite3.connect

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        opened.append(real_connect(*args, **kwargs))
        return opened[-1]

    votes, _ = make_votes(("a", "b"))
    if harm is None:
        votes.path.write_bytes(b"no database " * 100)
    else:
        with sqlite3.connect(votes.path) as db:
            db.execute(harm)
    monkeypatch.setattr("similarity.store.sqlite.sqlite3.connect", connect)
    with pytest.raises(SimilarityError) as refused:
        Votes(votes.name)
    assert votes.path.name in str(refused.value) or "can't be reached" in str(refused.value)
    assert opened
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


@pytest.mark.parametrize(
    "harm", ["left_method = 'x'", "query = 99", "shuffled = 'left', places = '[7]'"]
)
def test_a_question_that_is_not_in_the_vote_is_reported_and_not_shown(harm: str) -> None:
    votes, _ = make_votes(("a", "b"))
    votes.get_question(make_participant_id(1))
    with sqlite3.connect(votes.path) as db:
        db.execute(f"UPDATE asked SET {harm}")
    with pytest.raises(SimilarityError, match="damaged"):
        votes.get_question(make_participant_id(1))
    assert votes.get_question(make_participant_id(2)), "others go on"


def test_many_people_at_once_lose_nothing_and_nothing_is_double() -> None:
    votes, _ = make_votes(THREE, queries=20)

    def vote(i: int) -> list[tuple[int, str]]:
        answers = []
        for _ in range(10):
            question = Votes(votes.name).get_question(make_participant_id(i))
            assert question
            answer = ("left", "right", "good", "bad")[(i + question.number) % 4]
            votes.record_answer(make_participant_id(i), question.number, answer)
            votes.record_answer(make_participant_id(i), question.number, "left")  # again
            answers.append((question.number, answer))
        return answers

    with ThreadPoolExecutor(12) as pool:
        answer_lists = list(pool.map(vote, range(12)))
    stored_answers: dict[int, list[tuple[int, str]]] = {i: [] for i in range(12)}
    for one in votes.list_votes():
        stored_answers[int(one.participant, 16)].append((one.number, one.answer))
    assert stored_answers == dict(enumerate(answer_lists))
    assert spread(votes) <= 1


def test_reading_results_does_not_block_answers() -> None:
    votes, _ = make_votes(THREE, queries=20)
    votes.get_question(make_participant_id(0))
    with votes._lock_reader() as reader, ThreadPoolExecutor(1) as pool:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM asked").fetchone()
        answering = pool.submit(votes.record_answer, make_participant_id(0), 1, "left")
        question = answering.result(timeout=20)
        reader.execute("ROLLBACK")
    assert question
    assert question.number == 2


def test_the_revision_changes_with_every_answer_given_or_taken_back() -> None:
    votes, _ = make_votes(THREE, queries=20)
    revisions = [votes.get_revision()]
    for number in (1, 2):
        votes.get_question(make_participant_id(0))
        votes.record_answer(make_participant_id(0), number, "left")
        revisions.append(votes.get_revision())
    votes.get_question(make_participant_id(1))
    assert votes.get_revision() == revisions[-1], "nobody has answered"
    votes.undo(make_participant_id(0))
    assert votes.get_revision() == revisions[1], "the answers are those of before"
    votes.record_answer(make_participant_id(0), 2, "left")
    revisions.append(votes.get_revision())
    assert len(set(revisions)) == len(revisions)
    assert Votes(votes.name).get_revision() == revisions[-1]


def test_the_next_question_is_decided_without_reading_every_answer() -> None:
    """What is read is a row for each question that was asked of anybody, however often."""
    votes, _ = make_votes(("a", "b"), queries=5)
    rows = []

    class Counting(sqlite3.Cursor):
        def __next__(self) -> object:
            rows.append(1)
            return super().__next__()

        def fetchall(self) -> list[object]:
            result_rows = super().fetchall()
            rows.extend(result_rows)
            return result_rows

    always = make_sampler(votes.setup, {"a": 0.0, "b": 0.0, "?": 0.0}, 0, np.random.default_rng(2))
    simulate_answers(votes, people=60, each=5, answer=always)
    with votes._lock_writer() as db:
        counting = SimpleNamespace(execute=lambda *args: db.cursor(Counting).execute(*args))
        db.execute("BEGIN")
        votes._add_question(counting, make_participant_id(99), Random(0))  # type: ignore[arg-type]
        db.execute("ROLLBACK")
    assert len(votes.list_votes()) > 250
    assert 1 <= len(rows) <= 30


_VOTER = """
import sys
from similarity.votes.store import Votes
votes = Votes(sys.argv[1])
while shown := votes.get_question(sys.argv[2]):
    votes.record_answer(sys.argv[2], shown.number, "good")
    print(shown.number, flush=True)
"""


def test_a_killed_process_loses_no_answer_that_it_acknowledged() -> None:
    votes, _ = make_votes(THREE, queries=200)
    for i in range(3):
        command = [sys.executable, "-c", _VOTER, votes.name, make_participant_id(i)]
        with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout
            for _ in range(20 + i):
                last = int(running.stdout.readline())
            running.kill()  # in the middle of the next
            rest = running.stdout.read().split()
        acknowledged = {*range(1, last + 1), *map(int, rest)}
        reloaded = {
            one.number for one in votes.list_votes() if one.participant == make_participant_id(i)
        }
        assert acknowledged <= reloaded
        assert len(reloaded - acknowledged) <= 1  # written, but not yet told
        question = votes.get_question(make_participant_id(i))
        assert question
        assert question.number == max(reloaded) + 1


def test_a_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    get_votes_folder().parent.mkdir(exist_ok=True)
    get_votes_folder().write_text("a file")
    with pytest.raises(SimilarityError, match=r"\.votes.*writable"):
        create_vote(make_setup(THREE))


# ---- what a host may ask


def test_rows_are_the_methods_results_and_invalid_setups_are_refused(
    shop: Catalogue,
) -> None:
    queries = draw_products(shop, 6, Random(0))
    assert len({query.value for query in queries}) == 6
    keys = ["pixels", "tiny"]
    progress: list[float] = []
    setup = create_setup(shop, keys, "random", queries, K, "  Which\n one? ", progress.append)
    assert setup.question == "Which one?"
    assert progress[-1] == 1
    for key in keys:
        for query, row in zip(queries, setup.rows[key], strict=True):
            hits = shop.search(key, product=query.value, k=K, exact=True)
            assert row == [hit.product for hit in hits]
            assert query.value not in row
    name, _ = create_vote(setup)
    assert Votes(name).setup == setup
    wrong = [
        (["pixels"], queries, K, "?", "2 to 6 methods"),
        (["pixels", "pixels"], queries, K, "?", "2 to 6 methods"),
        (keys, queries[:2], K, "?", "2 queries"),
        (keys, queries, 3, "?", "A row has"),
        (keys, queries, 9, "?", "A row has"),
        (keys, queries, K, " ", "question"),
        (keys, queries, K, "x" * 200, "question"),
        (keys, [Query("text", f"word {i}") for i in range(6)], K, "?", "search by text"),
    ]
    for methods, queries_given, k, question, why in wrong:
        with pytest.raises(SimilarityError, match=why):
            create_setup(shop, methods, "random", queries_given, k, question)


def test_texts_are_one_query_per_line_and_cleaned() -> None:
    assert parse_texts("red shoe \n\n  mug\nred shoe\n") == [
        Query("text", "red shoe"),
        Query("text", "mug"),
    ]
    with pytest.raises(SimilarityError, match="longer"):
        parse_texts("x" * 5000)
