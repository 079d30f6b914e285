"""What the answers of a blind vote mean, and how sure that is."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import binomtest

from similarity.measures.metrics import Attribute, Difference, Figure, Metrics, Table, shared_ranks
from similarity.votes.alpha import nominal_alpha
from similarity.votes.davidson import PRIOR, fit, scores
from similarity.votes.proxy import proxies
from similarity.votes.results import Outcome, Strength, results
from similarity.votes.said import headline
from similarity.votes.vote import Cast
from tests.units.voting import person, preferring, setup_of

THREE = ("a", "b", "c")


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
    assert found.agreement.alpha.low <= want <= found.agreement.alpha.high
    alone = results(setup, [one for one in cast if one.participant == person(0)])
    assert alone
    assert alone.agreement is None, "one person agrees with nobody"


def test_alpha_is_what_krippendorffs_example_gives() -> None:
    # Krippendorff (2011), section C: four people, twelve units, of which one has a single answer
    people = ("123321412***", "1233224125*3", "*3332342251*", "12332441251*")
    units = [[p[i] for p in people if p[i].isdigit()] for i in range(12)]
    counts = [[unit.count(label) for label in "12345"] for unit in units if len(unit) > 1]
    assert nominal_alpha(np.array(counts)) == pytest.approx(0.743, abs=0.0005)


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
    metrics.methods["b"] = "other vectors"
    assert proxies(setup, found.outcomes, metrics) == ("", [])


def measured_of(less: float, p: float) -> Metrics:
    """Metrics of two methods that say this of their P@10."""
    figure = Figure(0.5, 0.4, 0.6)
    difference = Difference("a", "b", "P@10", Figure(less, less - 0.1, less + 0.1), p, p)
    table = Table(99, None, {key: {"P@10": figure} for key in "ab"}, [difference])
    return Metrics(
        format=2,
        catalogue="",
        table="",
        methods={"a": "0", "b": "0"},
        indexes={},
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
    better = {("a", "c"), ("a", "d"), ("b", "d"), ("c", "d")}
    assert shared_ranks("abc", lambda *two: two in better) == {"a": 1, "b": 1, "c": 1}
    assert shared_ranks("abcd", lambda *two: two in better) == {"a": 1, "b": 1, "c": 1, "d": 4}
    assert shared_ranks("ac", lambda *two: two in better) == {"a": 1, "c": 2}
