"""How many people and queries a vote needs, to be decided before it starts.

A vote that ends as soon as its figures please claims too much, so none of this looks at answers.
It assumes that preferences vary between queries and people as much as in the simulations of
`python -m benchmarks.intervals`, which also measures the power of these plans.
"""

import numpy as np

from similarity.statistics.clusters import Numbers
from similarity.statistics.intervals import Values
from similarity.statistics.significance import LEVEL
from similarity.votes.schedule import EVERY
from similarity.votes.vote import MOST_QUERIES

POWER = 0.8  # of showing a preference that is there
PREFERENCE = 0.6  # of those who choose a side
EACH = 20  # questions that a person answers
TIES = 0.25  # of answers
QUERIES_VARY, PEOPLE_VARY = 1.0, 0.7  # standard deviations of the preference's log odds
MOST_PEOPLE = 1000


def people_needed(pairs: int, queries: int | None) -> int | None:
    """Return how many people show a PREFERENCE with POWER, None if more than MOST_PEOPLE.

    Each of `pairs` of methods is asked about equally often and corrected for their number.
    `queries` are how many random ones stand for a catalogue, None if they stand for themselves.
    """
    from scipy.special import ndtri, stdtrit  # a third of a second: no app's start waits for it

    people = np.arange(2, MOST_PEOPLE + 1)
    smaller = people if queries is None else np.minimum(people, queries)
    away = ndtri(POWER) - stdtrit(smaller - 1, LEVEL / pairs / 2)
    enough = away**2 * _variances(pairs, people, queries) <= (PREFERENCE - 0.5) ** 2
    return int(people[enough.argmax()]) if enough.any() else None


def plan(pairs: int, of_catalogue: bool) -> tuple[int, int | None]:
    """Return how many people and queries together show a PREFERENCE, with as few of both as can be.

    The number of queries is None where they stand for themselves: see `people_needed`.
    """
    if not of_catalogue:
        return people_needed(pairs, None) or MOST_PEOPLE, None
    plans = [
        (people, queries)
        for queries in range(10, MOST_QUERIES + 1, 10)
        if (people := people_needed(pairs, queries))
    ]
    return min(plans, key=sum)


def _variances(pairs: int, people: Numbers, queries: int | None) -> Values:
    """The variance of the share of a pair's first method among the answers that chose a side, for
    each number of people."""
    answers = people * EACH * (1 - 1 / EVERY) * (1 - TIES) / pairs
    by_query, by_person = _vary(QUERIES_VARY), _vary(PEOPLE_VARY)
    fixed = 0.0 if queries is None else by_query / queries
    return fixed + by_person / people + (0.25 - by_person) / answers


def _vary(deviation: float) -> float:
    """The variance of a share whose log odds are normal around 0, by Gauss-Hermite quadrature."""
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    shares = 1 / (1 + np.exp(-deviation * points))
    return float(((shares - 0.5) ** 2 * weights).sum() / weights.sum())
