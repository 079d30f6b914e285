"""Simulated votes with a known truth, whose answers vary by person and by query.

A preference is a difference of utilities: a normal number for the query plus one for the person.
The standard deviations are those of the difference, on the scale of log odds. A person answers each
query at most once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from harness.voting import make_participant_id, make_setup
from similarity.statistics.intervals import Values
from similarity.votes.results import Results, compute_results
from similarity.votes.vote import Answer, CastVote, Setup

TIES = -0.7  # logarithm of Davidson's parameter: a fifth of the answers between equals are ties


@dataclass(frozen=True)
class Design:
    """A kind of vote. `better` is the advantage in utility of the first method over the others."""

    methods: int = 2
    people: int = 30
    queries: int = 30
    each: int = 30  # answers per person
    query_spread: float = 0.0
    person_spread: float = 0.0
    better: float = 0.0
    # whether the host chose the queries, to which the vote then applies exclusively
    is_chosen: bool = False


@dataclass(frozen=True)
class Vote:
    """A simulated vote, and the true share of the first method against the second."""

    setup: Setup
    cast: list[CastVote]
    share: float


def simulate(design: Design, repeat: int) -> Iterator[Vote]:
    """Yield votes of a design."""
    spreads = int(100 * design.query_spread), int(100 * design.person_spread)
    rng = np.random.default_rng([design.people, design.queries, design.each, *spreads])
    keys = [f"method{i}" for i in range(design.methods)]
    setup = make_setup(keys, design.queries)
    if design.is_chosen:
        setup = replace(setup, query_source="words")
    pairs = np.array(list(combinations(range(design.methods), 2)))
    people = np.repeat(np.arange(design.people), design.each)
    true = design.better * (np.arange(design.methods) == 0)
    spread = np.hypot(design.query_spread, design.person_spread)
    share = compute_share(design.better, spread)
    for _ in range(repeat):
        by_query, by_person = (
            rng.normal(0, deviation / 2**0.5, (count, design.methods))
            for deviation, count in (
                (design.query_spread, design.queries),
                (design.person_spread, design.people),
            )
        )
        order = rng.random((design.people, design.queries)).argsort(1)
        queries = order[:, : design.each].ravel()
        shown_pairs = pairs[rng.permutation(len(people)) % len(pairs)]
        shown_pairs = np.where(
            rng.random((len(people), 1)) < 0.5, shown_pairs, shown_pairs[:, ::-1]
        )
        utilities = true + by_query[queries] + by_person[people]
        left, right = np.take_along_axis(utilities, shown_pairs, 1).T
        chances = np.exp([left, right, TIES + (left + right) / 2, TIES + (left + right) / 2])
        chances[2:] /= 2  # good, bad
        drawn = (rng.random(len(people)) * chances.sum(0) > chances.cumsum(0)).sum(0)
        answers: tuple[Answer, ...] = ("left", "right", "good", "bad")
        cast = [
            CastVote(
                make_participant_id(who),
                0,
                query,
                keys[one],
                keys[other],
                "",
                answers[answer],
                0.0,
                0.0,
            )
            for who, query, (one, other), answer in zip(
                people.tolist(), queries.tolist(), shown_pairs.tolist(), drawn.tolist(), strict=True
            )
        ]
        if design.is_chosen:
            differences = by_query[:, 0] - by_query[:, 1] + design.better
            share = compute_share(differences, design.person_spread)
        yield Vote(setup, cast, share)


def compute_share(better: float | Values, spread: float) -> float:
    """Return the share of wins among answers that choose a side, over all queries and people."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    utilities = np.add.outer(np.atleast_1d(better), spread * points)
    level = np.exp(TIES + utilities / 2)
    wins, losses = (
        np.exp(utilities) / (np.exp(utilities) + 1 + level),
        1 / (np.exp(utilities) + 1 + level),
    )
    won, lost = float((wins @ weights).sum()), float((losses @ weights).sum())
    return won / (won + lost)


def find_advantage(share: float, spread: float) -> float:
    """Return the advantage in utility that leads to this share."""
    low, high = 0.0, 10.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if compute_share(middle, spread) < share else (low, middle)
    return low


def compute_vote_results(vote: Vote) -> Results:
    """Return what the app computes from a vote."""
    results = compute_results(vote.setup, vote.cast)
    assert results is not None
    return results


def claims_difference(results: Results) -> bool:
    """Return whether the results claim a difference between any two methods."""
    return any(outcome.lead for outcome in results.outcomes) or results.strengths[-1].rank > 1
