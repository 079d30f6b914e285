"""What the answers of a blind vote mean, and how sure that is."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import binomtest, t

from benchmarks.simulated_votes import (
    Design,
    claims_difference,
    compute_vote_results,
    find_advantage,
    simulate,
)
from harness.voting import make_participant_id, make_sampler, make_setup
from similarity.measures.metrics.schema import (
    Attribute,
    Difference,
    Figure,
    Metrics,
    Table,
    assign_ranks,
)
from similarity.statistics.clusters import PRIOR, Share
from similarity.statistics.significance import correct_holm
from similarity.votes.alpha import compute_nominal_alpha
from similarity.votes.answers import to_arrays
from similarity.votes.davidson import compute_scores, fit_strengths
from similarity.votes.plan import (
    PERSON_DEVIATION,
    POWER,
    PREFERENCE,
    QUERY_DEVIATION,
    QUESTIONS_EACH,
    compute_people_needed,
    plan_vote,
)
from similarity.votes.proxy import compare_with_metrics
from similarity.votes.results import Strength, compute_results
from similarity.votes.verdict import describe_result
from similarity.votes.vote import CastVote, QuerySource

THREE = ("a", "b", "c")


def cast_of(
    answers: list[tuple[str, str, str, str]], query: int = 0, shuffled: str = ""
) -> list[CastVote]:
    """Answers as (participant, left, right, answer)."""
    return [
        CastVote(who, i, query, left, right, shuffled, answer, 0.0, 0.0)  # type: ignore[arg-type]
        for i, (who, left, right, answer) in enumerate(answers)
    ]


def test_strengths_are_the_maximum_of_davidsons_likelihood() -> None:
    rng = np.random.default_rng(3)
    pairs = [(0, 1), (0, 2), (1, 2)]
    counts = rng.integers(0, 30, (4, 3, 3)).astype(float)
    strengths, ties = fit_strengths(counts, pairs, 3)
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
        differences = strengths[i] - strengths[i][0]
        assert np.allclose([*differences[1:], ties[i]], best.x, atol=2e-3)


def test_known_strengths_are_recovered_and_their_intervals_cover_them() -> None:
    true = {"a": 0.9, "b": 0.1, "c": -1.0}
    centred = np.array(list(true.values())) - np.mean(list(true.values()))
    want = compute_scores(centred[None], np.array([-0.4]))[0]
    rng = np.random.default_rng(4)
    covered = total = 0
    errors = []
    setup = make_setup(THREE, queries=10)
    sampler = make_sampler(setup, true, -0.4, rng)
    for _ in range(60):
        cast = []
        for who in range(25):
            for n in range(12):
                left, right = rng.choice(THREE, 2, replace=False).tolist()
                query = int(rng.integers(10))
                answer = sampler(setup.rows[left][query], setup.rows[right][query])
                cast.append(
                    CastVote(make_participant_id(who), n, query, left, right, "", answer, 0.0, 0.0)
                )
        results = compute_results(setup, cast)
        assert results
        by = {one.method: one for one in results.strengths}
        for i, key in enumerate(THREE):
            errors.append(by[key].score.mean - want[i])
            covered += by[key].score.low <= want[i] <= by[key].score.high
            total += 1
        assert [one.method for one in results.strengths] == list(THREE)
    assert abs(np.mean(errors)) < 0.01
    assert binomtest(covered, total, 0.95).pvalue > 0.001 or covered / total > 0.95
    assert covered / total > 0.88


def test_outcomes_count_wins_on_either_side_and_ties_of_both_kinds() -> None:
    answers = [("p", "a", "b", "left"), ("p", "b", "a", "right"), ("q", "b", "a", "left")]
    answers += [("q", "a", "b", "good"), ("q", "a", "b", "bad"), ("q", "a", "b", "bad")]
    results = compute_results(make_setup(("a", "b")), cast_of(answers))
    assert results
    (one,) = results.outcomes
    assert (one.wins, one.losses, one.good, one.bad, one.votes) == (2, 1, 1, 2, 6)
    limit = binomtest(2, 3).proportion_ci(0.95, "wilson")
    for share in (one.share, results.left_share):
        assert share
        assert share.mean == pytest.approx(2 / 3)
        assert share.low <= limit.low
        assert share.high >= limit.high, "no surer than three answers of three people"
    assert one.lead == 0
    assert (results.votes, results.people) == (6, 2)


def test_ranks_are_shared_where_no_preference_is_shown() -> None:
    rng = np.random.default_rng(5)
    setup = make_setup(THREE, queries=10)
    sampler = make_sampler(setup, {"a": 0.0, "b": 0.0, "c": -3.0}, -0.5, rng)
    cast = []
    for who in range(30):
        for n, (left, right) in enumerate([("a", "b"), ("b", "c"), ("c", "a")] * 3):
            query = (n + who) % 10
            answer = sampler(setup.rows[left][query], setup.rows[right][query])
            cast.append(
                CastVote(make_participant_id(who), n, query, left, right, "", answer, 0.0, 0.0)
            )
    results = compute_results(setup, cast)
    assert results
    ranks = {one.method: one.rank for one in results.strengths}
    assert ranks == {"a": 1, "b": 1, "c": 3}
    first, *rest = describe_result(results, {key: key.upper() for key in THREE})
    assert set(first.removeprefix("Too close to call: ").rstrip(".").split(" and ")) == {"A", "B"}
    assert rest[0] == "People prefer both to C."
    lonely = compute_results(
        setup, [one for one in cast if one.participant == make_participant_id(0)]
    )
    assert lonely
    assert {one.rank for one in lonely.strengths} == {1}, "one person alone shows no order"
    assert lonely.sensitivity is None


def test_fewer_than_five_people_get_no_ranking() -> None:
    def agreeing(people: int) -> list[CastVote]:
        answers = [(make_participant_id(i), "a", "b", "left") for i in range(people)]
        return [one for query in range(12) for one in cast_of(answers, query)]

    four, five = (compute_results(make_setup(("a", "b")), agreeing(people)) for people in (4, 5))
    assert four
    assert five
    assert (four.outcomes[0].lead, five.outcomes[0].lead) == (0, 1)
    assert describe_result(four, {"a": "A", "b": "B"}) == [
        "Too few voters for a ranking (5 needed)."
    ]
    assert describe_result(five, {"a": "A", "b": "B"})[0] == "People prefer A to B."


def test_agreement_is_krippendorffs_alpha_over_shared_questions() -> None:
    setup = make_setup(("a", "b"))
    answers_by_person = {0: "aaab", 1: "bbb", 2: "ag", 3: "gg", 4: "a"}
    cast = []
    for query, labels in answers_by_person.items():
        for who, label in enumerate(labels):
            answer = {"a": "left", "b": "right", "g": "good"}[label]
            cast += cast_of([(make_participant_id(who), "a", "b", answer)], query)
    results = compute_results(setup, cast)
    assert results
    assert results.agreement
    assert (results.agreement.units, results.agreement.votes) == (4, 11)
    # by the definition, 1 - observed / expected disagreement over pairs within units
    units = [labels for labels in answers_by_person.values() if len(labels) > 1]
    pooled = "".join(units)
    n = len(pooled)
    observed = sum(
        sum(x != y for i, x in enumerate(u) for j, y in enumerate(u) if i != j) / (len(u) - 1)
        for u in units
    )
    expected = sum(x != y for i, x in enumerate(pooled) for j, y in enumerate(pooled) if i != j)
    want = 1 - (observed / n) / (expected / n / (n - 1))
    assert results.agreement.alpha.mean == pytest.approx(want)
    assert results.agreement.alpha.low <= want <= results.agreement.alpha.high
    tied_alone = compute_results(
        setup, [one for one in cast if one.participant == make_participant_id(0)]
    )
    assert tied_alone
    assert tied_alone.agreement is None, "one person agrees with nobody"


def test_alpha_is_what_krippendorffs_example_gives() -> None:
    # Krippendorff (2011), section C: four people, twelve units, of which one has a single answer
    people = ("123321412***", "1233224125*3", "*3332342251*", "12332441251*")
    units = [[p[i] for p in people if p[i].isdigit()] for i in range(12)]
    counts = [[unit.count(label) for label in "12345"] for unit in units if len(unit) > 1]
    assert compute_nominal_alpha(np.array(counts)) == pytest.approx(0.743, abs=0.0005)


def test_a_ranking_that_a_few_votes_would_change_is_called_fragile() -> None:
    answers = [(make_participant_id(i), "a", "b", "left") for i in range(3)]
    answers += [(make_participant_id(9), "a", "b", "right")] * 5
    results = compute_results(make_setup(("a", "b")), cast_of(answers))
    assert results
    assert results.sensitivity
    assert results.strengths[0].method == "b"
    assert (results.sensitivity.people, results.sensitivity.first, results.sensitivity.order) == (
        4,
        1,
        1,
    )


def test_controls_only_measure_the_effect_of_side_and_order() -> None:
    real = cast_of([(make_participant_id(1), "a", "b", "left")])
    controls = cast_of(
        [(make_participant_id(i), "a", "a", "left" if i < 8 else "good") for i in range(10)],
        shuffled="left",
    )
    results = compute_results(make_setup(("a", "b")), real + controls)
    assert results
    assert results.votes == 1
    assert (results.control.votes, results.control.preferences) == (10, 8)
    assert results.control.left_share
    assert results.control.left_share.mean == 1
    assert results.control.original_share
    assert results.control.original_share.mean == 0
    assert compute_results(make_setup(("a", "b")), controls) is None


def test_queries_that_divide_people_come_most_evenly_divided_first() -> None:
    def make_answers(query: int, left: int, right: int) -> list[CastVote]:
        answers = [(make_participant_id(i), "a", "b", "left") for i in range(left)]
        return cast_of(
            answers + [(make_participant_id(i), "b", "a", "left") for i in range(right)], query
        )

    setup = make_setup(("a", "b"))
    results = compute_results(
        setup,
        make_answers(0, 4, 1)
        + make_answers(1, 3, 0)
        + make_answers(2, 2, 2)
        + make_answers(3, 3, 2),
    )
    assert results
    assert [(one.query, one.wins, one.losses) for one in results.divided_queries] == [
        (setup.queries[2], 2, 2),
        (setup.queries[3], 3, 2),
        (setup.queries[0], 4, 1),
    ]


@pytest.mark.parametrize(
    ("less", "p", "wins", "verdict"),
    [
        (0.1, 0.001, 50, "agrees"),
        (-0.1, 0.001, 50, "contradicts"),
        (0.1, 0.2, 50, "open"),
        (0.1, 0.001, 11, "open"),
    ],
)
def test_the_proxy_is_compared_only_where_both_differ(
    less: float, p: float, wins: int, verdict: str
) -> None:
    setup = make_setup(("a", "b"))
    answers = ["left"] * wins + ["right"] * 10
    results = compute_results(
        setup,
        [
            cast_of([(make_participant_id(i % 7), "a", "b", answer)], query=i % 30)[0]
            for i, answer in enumerate(answers)
        ],
    )
    assert results
    metrics = measured_of(less, p)
    sentence, rows = compare_with_metrics(setup, results.outcomes, metrics)
    assert sentence == "P@10 by category, n 99"
    assert [row.verdict for row in rows] == [verdict]
    turned = [results.outcomes[0].reverse()]
    (row,) = compare_with_metrics(setup, turned, metrics)[1]
    assert row.difference.estimate.mean == -less
    metrics.methods["b"] = "other vectors"
    assert compare_with_metrics(setup, results.outcomes, metrics) == ("", [])


def measured_of(less: float, p: float) -> Metrics:
    """Metrics of two methods that say this of their P@10."""
    figure = Figure(0.5, 0.4, 0.6)
    difference = Difference("a", "b", "P@10", Figure(less, less - 0.1, less + 0.1), p, p)
    table = Table(99, None, {key: {"P@10": figure} for key in "ab"}, [difference])
    return Metrics(
        format=3,
        catalogue="",
        products_hash="",
        methods={"a": "0", "b": "0"},
        indexes={},
        combined=None,
        queries=9,
        products=9,
        groups=9,
        depth=9,
        queries_with_duplicates=0,
        duplicate_pairs=0,
        attributes=[Attribute("category", 3, {"whole": table})],
        words="",
        texts=None,
        no_match={},
        agreements=[],
        hubs={},
        costs={},
        machine="",
    )


def test_a_chain_of_methods_too_close_to_call_shares_a_rank_but_its_ends_differ() -> None:
    setup = make_setup(THREE)
    results = compute_results(
        setup, cast_of([(make_participant_id(i), "a", "b", "left") for i in range(9)])
    )
    assert results
    share = results.strengths[0].score
    ends = [
        replace(one, share=share, corrected_p=0.01 if (one.one, one.other) == ("a", "c") else 1.0)
        for one in results.outcomes
    ]
    chain = [Strength(key, share, 1) for key in THREE]
    text = describe_result(
        replace(results, outcomes=[replace(one, people=9) for one in ends], strengths=chain),
        {key: key.upper() for key in THREE},
    )
    assert text[:2] == ["Too close to call: A and B.", "People prefer A to C."]
    better = {("a", "c"), ("a", "d"), ("b", "d"), ("c", "d")}
    assert assign_ranks("abc", lambda *two: two in better) == {"a": 1, "b": 1, "c": 1}
    assert assign_ranks("abcd", lambda *two: two in better) == {"a": 1, "b": 1, "c": 1, "d": 4}
    assert assign_ranks("ac", lambda *two: two in better) == {"a": 1, "c": 2}


# ---- how sure it is


@pytest.mark.parametrize(
    "design",
    [
        Design(people=30, query_spread=1.5),
        Design(people=10, person_spread=0.7),
        Design(methods=3, people=50, each=12, query_spread=1, person_spread=0.7),
    ],
    ids=str,
)
def test_equal_methods_differ_in_at_most_5_percent_of_votes(design: Design) -> None:
    """Queries and people differ. Answers taken as independent claim a difference in some 40 %."""
    repeat = 150
    simulated = [compute_vote_results(vote) for vote in simulate(design, repeat)]
    wrong = sum(claims_difference(each) for each in simulated)
    assert binomtest(wrong, repeat, 0.05, "greater").pvalue > 0.001, f"{wrong} of {repeat}"
    covered = [
        one.score.low <= 0.5 <= one.score.high for each in simulated for one in each.strengths
    ]
    assert np.mean(covered) > 0.89


def test_a_vote_as_large_as_planned_shows_the_preference_as_often_as_planned() -> None:
    people = compute_people_needed(1, 100)
    assert people
    better = find_advantage(PREFERENCE, float(np.hypot(QUERY_DEVIATION, PERSON_DEVIATION)))
    design = Design(2, people, 100, QUESTIONS_EACH, QUERY_DEVIATION, PERSON_DEVIATION, better)
    claims = sum(compute_vote_results(vote).outcomes[0].lead > 0 for vote in simulate(design, 120))
    assert binomtest(claims, 120, POWER, "less").pvalue > 0.001, f"{claims} of 120"


def test_more_queries_need_fewer_people_and_too_few_are_reported() -> None:
    counts = [compute_people_needed(1, queries) for queries in (50, 100, 200)]
    assert all(counts)
    assert counts == sorted(counts, reverse=True)  # type: ignore[type-var]
    assert compute_people_needed(1, 20) is None
    assert (compute_people_needed(1, None) or 0) < (counts[-1] or 0)
    assert (compute_people_needed(3, 200) or 0) > (counts[-1] or 0), (
        "more methods are asked about less"
    )
    people, queries = plan_vote(3, of_catalogue=True)
    assert queries
    assert compute_people_needed(3, queries) == people


def test_pairs_are_corrected_by_holm() -> None:
    design = Design(methods=3, people=20, each=12, query_spread=1, better=0.8)
    (vote,) = simulate(design, 1)
    outcomes = compute_vote_results(vote).outcomes
    p = [one.share.p for one in outcomes if one.share]
    assert [one.corrected_p for one in outcomes] == pytest.approx(correct_holm(p))
    assert max(one.corrected_p / q for one, q in zip(outcomes, p, strict=True)) > 1


def test_queries_that_the_host_chose_stand_for_themselves() -> None:
    (vote,) = simulate(Design(people=20, query_spread=1.5), 1)
    of_catalogue = compute_vote_results(vote)
    of_these = compute_vote_results(replace(vote, setup=replace(vote.setup, query_source="words")))
    wide, narrow = (results.outcomes[0].share for results in (of_catalogue, of_these))
    assert wide
    assert narrow
    assert wide.mean == narrow.mean
    assert wide.high - wide.low > 1.3 * (narrow.high - narrow.low)
    assert of_catalogue.of_catalogue
    assert not of_these.of_catalogue


def test_the_headline_states_what_it_applies_to() -> None:
    (vote,) = simulate(Design(people=20, query_spread=0.5, better=1.5), 1)
    titles = {key: key for key in vote.setup.methods}
    scopes: dict[QuerySource, str] = {
        "random": "the whole catalogue",
        "differ": "only to these queries",
    }
    for is_chosen, scope in scopes.items():
        setup = replace(vote.setup, query_source=is_chosen)
        first, holds, *_ = describe_result(compute_vote_results(replace(vote, setup=setup)), titles)
        assert first == "People prefer method0 to method1."
        assert scope in holds


def test_the_directly_preferred_method_is_named_even_if_weaker_overall() -> None:
    share = Share(0.3, 0.2, 0.4, 0.001)
    answers = [(make_participant_id(i), "a", "b", "left") for i in range(9)]
    results = compute_results(make_setup(("a", "b")), cast_of(answers))
    assert results
    (outcome,) = results.outcomes
    turned = replace(outcome, share=share, corrected_p=0.001, wins=3, losses=7)
    strengths = [Strength(key, share, 1) for key in "ab"]
    text = describe_result(
        replace(results, outcomes=[turned], strengths=strengths), {"a": "A", "b": "B"}
    )
    assert text[0] == "Too close to call: A and B."
    assert text[-1] == "Asked about B and A, 70 % [60 %, 80 %] of 10 that chose a side prefer B."


def test_the_text_of_a_tied_vote_does_not_depend_on_its_lead() -> None:
    """A number of answers at the present rate invites to go on until the result pleases."""
    texts = set()
    for wins in (9, 10, 11, 12):
        answers = [
            (make_participant_id(i), "a", "b", "left" if i < wins else "right") for i in range(20)
        ]
        results = compute_results(make_setup(("a", "b")), cast_of(answers))
        assert results
        first, *rest = describe_result(results, {"a": "A", "b": "B"})
        assert first.startswith("Too close to call")
        texts.add(" ".join(rest))
    assert len(texts) == 1
    assert "A vote with 70 queries and 66 people" in texts.pop()


def test_methods_named_like_answers_are_counted_correctly() -> None:
    keys = ("good", "bad")
    answers = [(make_participant_id(i), "good", "bad", "left") for i in range(10)]
    answers += [(make_participant_id(i), "bad", "good", "good") for i in range(10)]
    answers += [(make_participant_id(i), "good", "bad", "bad") for i in range(7)]
    results = compute_results(make_setup(keys), cast_of(answers))
    assert results
    (one,) = results.outcomes
    assert (one.wins, one.losses, one.good, one.bad) == (10, 0, 10, 7)
    assert results.agreement is None or results.agreement.alpha.mean < 1
    assert not results.divided_queries


def test_alpha_s_interval_is_the_jackknife_over_people_and_queries() -> None:
    (vote,) = simulate(Design(people=6, queries=8, each=8), 1)
    answers = to_arrays(vote.cast, [tuple(vote.setup.methods)])  # type: ignore[list-item]
    agreement = compute_vote_results(vote).agreement
    assert agreement

    def alpha(keep: np.ndarray) -> float:
        counts = np.zeros((8, 4), int)
        np.add.at(counts, (answers.query[keep], answers.outcome[keep]), 1)
        return compute_nominal_alpha(counts[counts.sum(1) > 1])

    every = alpha(np.ones(48, bool))
    assert agreement.alpha.mean == pytest.approx(every)
    squares = [
        sum((alpha(numbers != i) - every) ** 2 for i in range(numbers.max() + 1))
        for numbers in (answers.person, answers.query, np.arange(48))
    ]
    variance = max(squares[0] + squares[1] - squares[2], squares[2])
    terms = squares[0] ** 2 / 5 + squares[1] ** 2 / 7 + squares[2] ** 2 / 47
    freedom = variance**2 / terms if variance > squares[2] else 47
    half = t.ppf(0.975, freedom) * variance**0.5
    assert agreement.alpha.low == pytest.approx(every - half)
    assert agreement.alpha.high == pytest.approx(every + half)
