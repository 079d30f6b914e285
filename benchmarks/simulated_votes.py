"""Votes whose truth is known, answered by people who differ and over queries that differ.

A preference is a difference of utilities, each a normal number of the query and one of the person;
the standard deviations are those of the difference, on the scale of log odds. A person answers each
query once at most.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from harness.voting import person, setup_of
from similarity.statistics.intervals import Values
from similarity.votes.results import Results, results
from similarity.votes.vote import Answer, Cast, Setup

TIES = -0.7  # log of Davidson's parameter: a fifth of answers choose no side between equals


@dataclass(frozen=True)
class Design:
    """A kind of vote. `better` is by how much the first method's utility is above the others'."""

    methods: int = 2
    people: int = 30
    queries: int = 30
    each: int = 30  # answers of a person
    query_spread: float = 0.0
    person_spread: float = 0.0
    better: float = 0.0
    chosen: bool = False  # queries by the host, for which alone the vote holds


@dataclass(frozen=True)
class Vote:
    """A simulated vote, and the true share of the first method against the second."""

    setup: Setup
    cast: list[Cast]
    share: float


def simulate(design: Design, repeat: int) -> Iterator[Vote]:
    """Votes of a design."""
    spreads = int(100 * design.query_spread), int(100 * design.person_spread)
    rng = np.random.default_rng([design.people, design.queries, design.each, *spreads])
    keys = [f"method{i}" for i in range(design.methods)]
    setup = setup_of(keys, design.queries)
    if design.chosen:
        setup = replace(setup, chosen="words")
    pairs = np.array(list(combinations(range(design.methods), 2)))
    people = np.repeat(np.arange(design.people), design.each)
    true = design.better * (np.arange(design.methods) == 0)
    spread = np.hypot(design.query_spread, design.person_spread)
    share = share_of(design.better, spread)
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
        asked = pairs[rng.permutation(len(people)) % len(pairs)]
        asked = np.where(rng.random((len(people), 1)) < 0.5, asked, asked[:, ::-1])
        utilities = true + by_query[queries] + by_person[people]
        left, right = np.take_along_axis(utilities, asked, 1).T
        chances = np.exp([left, right, TIES + (left + right) / 2, TIES + (left + right) / 2])
        chances[2:] /= 2  # good, bad
        drawn = (rng.random(len(people)) * chances.sum(0) > chances.cumsum(0)).sum(0)
        answers: tuple[Answer, ...] = ("left", "right", "good", "bad")
        cast = [
            Cast(person(who), 0, query, keys[one], keys[other], "", answers[answer], 0.0, 0.0)
            for who, query, (one, other), answer in zip(
                people.tolist(), queries.tolist(), asked.tolist(), drawn.tolist(), strict=True
            )
        ]
        if design.chosen:
            differences = by_query[:, 0] - by_query[:, 1] + design.better
            share = share_of(differences, design.person_spread)
        yield Vote(setup, cast, share)


def share_of(better: float | Values, spread: float) -> float:
    """The share of wins among the answers that choose a side, of all queries and people."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    apart = np.add.outer(np.atleast_1d(better), spread * points)
    level = np.exp(TIES + apart / 2)
    wins, losses = np.exp(apart) / (np.exp(apart) + 1 + level), 1 / (np.exp(apart) + 1 + level)
    won, lost = float((wins @ weights).sum()), float((losses @ weights).sum())
    return won / (won + lost)


def better_for(share: float, spread: float) -> float:
    """By how much a method has to be better for this share."""
    low, high = 0.0, 10.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if share_of(middle, spread) < share else (low, middle)
    return low


def results_of(vote: Vote) -> Results:
    """What the app makes of a vote."""
    found = results(vote.setup, vote.cast)
    assert found is not None
    return found


def claims_difference(found: Results) -> bool:
    """Whether any two methods are told apart."""
    return any(outcome.ahead for outcome in found.outcomes) or found.strengths[-1].rank > 1
