"""Blind votes: what is asked is balanced, what is said is kept, and what it means is known."""

import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from nltk.metrics.agreement import AnnotationTask
from scipy.optimize import minimize
from scipy.stats import binom, binomtest

from similarity import Catalogue
from similarity.errors import SimilarityError
from similarity.measures.metrics import Attribute, Difference, Figure, Metrics, Table
from similarity.votes.davidson import PRIOR, fit, scores
from similarity.votes.proxy import proxies
from similarity.votes.results import Outcome, Strength, results, shared_ranks
from similarity.votes.rows import answered, drawn, worded
from similarity.votes.said import headline
from similarity.votes.schedule import EVERY, is_control
from similarity.votes.store import Closed, Votes, create, votes_folder
from similarity.votes.vote import Cast, Query
from tests.conftest import PROJECT
from tests.units.voting import K, let_vote, made, person, preferring, setup_of

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


# ---- what it means


def cast_of(
    answers: list[tuple[str, str, str, str]], query: int = 0, shuffled: str = ""
) -> list[Cast]:
    """Answers as (participant, left, right, answer)."""
    return [
        Cast(who, i, query, left, right, shuffled, answer, 0.0, 0.0)  # type: ignore[arg-type]
        for i, (who, left, right, answer) in enumerate(answers)
    ]


def test_strengths_are_the_maximum_of_davidsons_likelihood() -> None:
    rng = np.random.default_rng(3)
    pairs = [(0, 1), (0, 2), (1, 2)]
    counts = rng.integers(0, 30, (4, 3, 3)).astype(float)
    found, ties = fit(counts, pairs, 3)
    for i in range(len(counts)):

        def loss(x: np.ndarray, of: np.ndarray = counts[i] + PRIOR) -> float:
            # Davidson 1970, equation 2, as it is printed
            p, v = np.exp([0, x[0], x[1]]), np.exp(x[2])
            total = 0.0
            for (a, b), (wins, losses, level) in zip(pairs, of, strict=True):
                below = p[a] + p[b] + v * np.sqrt(p[a] * p[b])
                total += wins * np.log(p[a] / below) + losses * np.log(p[b] / below)
                total += level * np.log(v * np.sqrt(p[a] * p[b]) / below)
            return -total

        best = minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-7})
        own = found[i] - found[i][0]
        assert np.allclose([*own[1:], ties[i]], best.x, atol=2e-3)


def test_known_strengths_are_recovered_and_their_intervals_cover_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("similarity.votes.results.UNIT_RESAMPLES", 2)  # no matter of this test
    true = {"a": 0.9, "b": 0.1, "c": -1.0}
    centred = np.array(list(true.values())) - np.mean(list(true.values()))
    want = scores(centred[None], np.array([-0.4]))[0]
    rng = np.random.default_rng(4)
    covered = total = 0
    errors = []
    setup = setup_of(THREE, queries=10)
    sampler = preferring(setup, true, -0.4, rng)
    for _ in range(60):
        cast = []
        for who in range(25):
            for n in range(12):
                left, right = rng.choice(THREE, 2, replace=False).tolist()
                query = int(rng.integers(10))
                answer = sampler(setup.rows[left][query], setup.rows[right][query])
                cast.append(Cast(person(who), n, query, left, right, "", answer, 0.0, 0.0))
        found = results(setup, cast)
        assert found
        by = {one.method: one for one in found.strengths}
        for i, key in enumerate(THREE):
            errors.append(by[key].score.mean - want[i])
            covered += by[key].score.low <= want[i] <= by[key].score.high
            total += 1
        assert [one.method for one in found.strengths] == list(THREE)
    assert abs(np.mean(errors)) < 0.01
    assert binomtest(covered, total, 0.95).pvalue > 0.001 or covered / total > 0.95
    assert covered / total > 0.88


def test_outcomes_count_wins_on_either_side_and_ties_of_both_kinds() -> None:
    answers = [("p", "a", "b", "left"), ("p", "b", "a", "right"), ("q", "b", "a", "left")]
    answers += [("q", "a", "b", "good"), ("q", "a", "b", "bad"), ("q", "a", "b", "bad")]
    found = results(setup_of(("a", "b")), cast_of(answers))
    assert found
    (one,) = found.outcomes
    assert (one.wins, one.losses, one.good, one.bad, one.votes) == (2, 1, 1, 2, 6)
    limit = binomtest(2, 3).proportion_ci(0.95, "wilson")
    assert one.share == Figure(2 / 3, limit.low, limit.high)
    assert one.ahead == 0
    assert found.sided == Figure(2 / 3, limit.low, limit.high)
    assert (found.votes, found.people) == (6, 2)


def test_ranks_are_shared_where_intervals_overlap() -> None:
    rng = np.random.default_rng(5)
    setup = setup_of(THREE, queries=10)
    sampler = preferring(setup, {"a": 0.0, "b": 0.0, "c": -3.0}, -0.5, rng)
    cast = []
    for who in range(30):
        for n, (left, right) in enumerate([("a", "b"), ("b", "c"), ("c", "a")] * 3):
            answer = sampler(setup.rows[left][n], setup.rows[right][n])
            cast.append(Cast(person(who), n, n, left, right, "", answer, 0.0, 0.0))
    found = results(setup, cast)
    assert found
    ranks = {one.method: one.rank for one in found.strengths}
    assert ranks == {"a": 1, "b": 1, "c": 3}
    first, *rest = headline(found, {key: key.upper() for key in THREE})
    assert set(first.split(" come first")[0].split(" and ")) == {"A", "B"}
    assert rest[0] == "After them: C."
    lonely = results(setup, [one for one in cast if one.participant == person(0)])
    assert lonely
    assert {one.rank for one in lonely.strengths} == {1}, "one person alone shows no order"
    assert lonely.dropped is None
    few = results(setup, [one for one in cast if one.participant < person(4)])
    assert few
    assert {one.rank for one in few.strengths} == {1}
    assert headline(few, dict.fromkeys(THREE, ""))[0].startswith("Fewer than 5 participants")
    agreed = [(person(i % 4), "a", "b", "left") for i in range(40)]
    four = results(setup_of(("a", "b")), cast_of(agreed))
    assert four
    assert four.outcomes[0].ahead == 0
    assert (
        "the 4 who answered agree, but they are too few" in headline(four, {"a": "A", "b": "B"})[1]
    )
    five = results(setup_of(("a", "b")), cast_of([*agreed, (person(5), "a", "b", "left")]))
    assert five
    assert five.outcomes[0].ahead == 1
    assert headline(five, {"a": "A", "b": "B"})[0] == "A is preferred to every other method."


def test_agreement_is_krippendorffs_alpha_over_what_several_people_were_asked() -> None:
    setup = setup_of(("a", "b"))
    said = {0: "aaab", 1: "bbb", 2: "ag", 3: "gg", 4: "a"}
    cast = []
    for query, labels in said.items():
        for who, label in enumerate(labels):
            answer = {"a": "left", "b": "right", "g": "good"}[label]
            cast += cast_of([(person(who), "a", "b", answer)], query)
    found = results(setup, cast)
    assert found
    assert found.agreement
    assert (found.agreement.units, found.agreement.votes) == (4, 11)
    # by the definition, 1 - observed / expected disagreement over pairs within units
    units = [labels for labels in said.values() if len(labels) > 1]
    pooled = "".join(units)
    n = len(pooled)
    observed = sum(
        sum(x != y for i, x in enumerate(u) for j, y in enumerate(u) if i != j) / (len(u) - 1)
        for u in units
    )
    expected = sum(x != y for i, x in enumerate(pooled) for j, y in enumerate(pooled) if i != j)
    want = 1 - (observed / n) / (expected / n / (n - 1))
    assert found.agreement.alpha.mean == pytest.approx(want)
    data = [(who, u, x) for u, labels in enumerate(units) for who, x in enumerate(labels)]
    assert found.agreement.alpha.mean == pytest.approx(AnnotationTask(data).alpha())
    assert found.agreement.alpha.low <= want <= found.agreement.alpha.high
    alone = results(setup, [one for one in cast if one.participant == person(0)])
    assert alone
    assert alone.agreement is None, "one person agrees with nobody"


def test_what_is_missing_is_what_makes_the_leading_pair_clear_at_this_rate() -> None:
    answers = [(person(i), "a", "b", "left") for i in range(6)]
    answers += [(person(i), "a", "b", "right") for i in range(4)]
    answers += [(person(i), "a", "b", "bad") for i in range(10)]
    setup = setup_of(("a", "b"))
    found = results(setup, cast_of(answers))
    assert found
    assert found.missing.pair
    assert found.missing.total
    decided = 10 + found.missing.pair / 2  # as many again are ties
    # the score test, which Wilson's interval turns around
    assert 0.1 / (0.25 / decided) ** 0.5 > 1.959 > 0.1 / (0.25 / (decided - 2)) ** 0.5
    assert found.missing.total == pytest.approx(found.missing.pair * 20 / 19, abs=1)
    even = results(setup, cast_of([answers[0], answers[6]]))
    assert even
    assert even.missing.pair is None
    clear = results(setup, cast_of(answers[:6] * 3))
    assert clear
    assert clear.missing.pair == 0


def test_a_handful_of_votes_that_turn_the_order_is_told() -> None:
    answers = [(person(i), "a", "b", "left") for i in range(3)]
    answers += [(person(9), "a", "b", "right")] * 5
    found = results(setup_of(("a", "b")), cast_of(answers))
    assert found
    assert found.dropped
    assert found.strengths[0].method == "b"
    assert (found.dropped.people, found.dropped.first, found.dropped.order) == (4, 1, 1)


def test_controls_say_what_side_and_order_decide_and_count_for_nothing_else() -> None:
    real = cast_of([(person(1), "a", "b", "left")])
    controls = cast_of(
        [(person(i), "a", "a", "left" if i < 8 else "good") for i in range(10)], shuffled="left"
    )
    found = results(setup_of(("a", "b")), real + controls)
    assert found
    assert found.votes == 1
    assert (found.control.votes, found.control.decided) == (10, 8)
    assert found.control.left
    assert found.control.left.mean == 1
    assert found.control.ordered
    assert found.control.ordered.mean == 0
    assert results(setup_of(("a", "b")), controls) is None


def test_queries_that_divide_people_come_most_evenly_divided_first() -> None:
    def some(query: int, left: int, right: int) -> list[Cast]:
        answers = [(person(i), "a", "b", "left") for i in range(left)]
        return cast_of(answers + [(person(i), "b", "a", "left") for i in range(right)], query)

    setup = setup_of(("a", "b"))
    found = results(setup, some(0, 4, 1) + some(1, 3, 0) + some(2, 2, 2) + some(3, 3, 2))
    assert found
    assert [(one.query, one.wins, one.losses) for one in found.divided] == [
        (setup.queries[2], 2, 2),
        (setup.queries[3], 3, 2),
        (setup.queries[0], 4, 1),
    ]


@pytest.mark.parametrize(
    ("less", "p", "wins", "verdict"),
    [
        (0.1, 0.001, 30, "agrees"),
        (-0.1, 0.001, 30, "contradicts"),
        (0.1, 0.2, 30, "open"),
        (0.1, 0.001, 11, "open"),
    ],
)
def test_the_proxy_agrees_or_contradicts_only_where_both_show_something(
    less: float, p: float, wins: int, verdict: str
) -> None:
    setup = setup_of(("a", "b"))
    answers = [(person(i % 6), "a", "b", "left") for i in range(wins)]
    answers += [(person(2), "a", "b", "right")] * 10
    found = results(setup, cast_of(answers))
    assert found
    metrics = measured_of(less, p)
    said, rows = proxies(setup, found.outcomes, metrics)
    assert said == "P@10 by category, n 99"
    assert [row.verdict for row in rows] == [verdict]
    turned = [Outcome("b", "a", 10, wins, 0, 0, None, 2, 0)]
    (row,) = proxies(setup, turned, metrics)[1]
    assert row.difference.less.mean == -less
    metrics.methods["b"] = "another index"
    assert proxies(setup, found.outcomes, metrics) == ("", [])


def measured_of(less: float, p: float) -> Metrics:
    """Metrics of two methods that say this of their P@10."""
    figure = Figure(0.5, 0.4, 0.6)
    difference = Difference("a", "b", "P@10", Figure(less, less - 0.1, less + 0.1), p, p)
    table = Table(99, None, {key: {"P@10": figure} for key in "ab"}, [difference])
    return Metrics(
        format=1,
        catalogue="",
        table="",
        methods={"a": "0", "b": "0"},
        queries=9,
        products=9,
        depth=9,
        near=0,
        pairs=0,
        attributes=[Attribute("category", 3, {"whole": table})],
        words="",
        texts=None,
        agreed=[],
        hubs={},
        costs={},
        machine="",
    )


def test_a_chain_of_overlapping_intervals_is_one_rank_and_its_ends_are_told_apart() -> None:
    def strength(method: str, mean: float, rank: int) -> Strength:
        return Strength(method, Figure(mean, mean - 0.05, mean + 0.05), rank)

    setup = setup_of(THREE)
    found = results(setup, cast_of([(person(i), "a", "b", "left") for i in range(9)]))
    assert found
    chain = [strength("a", 0.6, 1), strength("b", 0.53, 1), strength("c", 0.46, 1)]
    said = headline(replace(found, strengths=chain), {key: key.upper() for key in THREE})
    assert said[:2] == [
        "No order can be shown among A, B and C.",
        "But A is shown to be preferred to C.",
    ]
    ranks = shared_ranks({one.method: one.score for one in reversed(chain)})
    assert list(ranks.items()) == [("a", 1), ("b", 1), ("c", 1)]
    apart = {one.method: one.score for one in chain} | {"d": Figure(0.3, 0.2, 0.4)}
    assert shared_ranks(apart) == {"a": 1, "b": 1, "c": 1, "d": 4}
    assert shared_ranks({"c": apart["c"], "a": apart["a"]}) == {"a": 1, "c": 2}
