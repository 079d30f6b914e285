"""How many people and queries a vote needs, to be decided before it starts.

A vote that ends as soon as its figures look good claims too much, so nothing here looks at votes.
Preferences are assumed to vary between queries and people as much as in the simulations of `python
-m benchmarks.intervals`, which also measures the power of these plans.
"""

import numpy as np

from similarity.statistics.clusters import Numbers
from similarity.statistics.intervals import Values
from similarity.statistics.significance import LEVEL
from similarity.votes.schedule import CONTROL_INTERVAL
from similarity.votes.vote import MAX_QUERIES

POWER = 0.8  # probability of detecting an existing preference
PREFERENCE = 0.6  # share of those who choose a side
QUESTIONS_EACH = 20  # per person
TIE_SHARE = 0.25  # of all votes
QUERY_DEVIATION, PERSON_DEVIATION = 1.0, 0.7  # standard deviations of the preference's log odds
MAX_PEOPLE = 1000


def compute_people_needed(pairs: int, queries: int | None) -> int | None:
    """Return how many people detect a PREFERENCE with POWER, or None if more than MAX_PEOPLE.

    All `pairs` of methods are asked about equally often, and tests are corrected for their number.
    `queries` is the number of random queries that represent a catalogue, None if the queries only
    represent themselves.
    """
    from scipy.special import ndtri, stdtrit  # a third of a second: no app's start waits for it

    people = np.arange(2, MAX_PEOPLE + 1)
    smaller_sample = people if queries is None else np.minimum(people, queries)
    distance = ndtri(POWER) - stdtrit(smaller_sample - 1, LEVEL / pairs / 2)
    is_enough = distance**2 * _compute_variances(pairs, people, queries) <= (PREFERENCE - 0.5) ** 2
    return int(people[is_enough.argmax()]) if is_enough.any() else None


def plan_vote(pairs: int, of_catalogue: bool) -> tuple[int, int | None]:
    """Return the numbers of people and queries that detect a PREFERENCE, with the smallest sum.

    The number of queries is None if they only represent themselves: see `compute_people_needed`.
    """
    if not of_catalogue:
        return compute_people_needed(pairs, None) or MAX_PEOPLE, None
    plans = [
        (people, queries)
        for queries in range(10, MAX_QUERIES + 1, 10)
        if (people := compute_people_needed(pairs, queries))
    ]
    return min(plans, key=sum)


def _compute_variances(pairs: int, people: Numbers, queries: int | None) -> Values:
    """Return the variance of a pair's share of preferences, for each number of people."""
    answers = people * QUESTIONS_EACH * (1 - 1 / CONTROL_INTERVAL) * (1 - TIE_SHARE) / pairs
    query_variance, person_variance = (
        _compute_share_variance(QUERY_DEVIATION),
        _compute_share_variance(PERSON_DEVIATION),
    )
    fixed_variance = 0.0 if queries is None else query_variance / queries
    return fixed_variance + person_variance / people + (0.25 - person_variance) / answers


def _compute_share_variance(deviation: float) -> float:
    """Return the variance of a share whose log odds are normal around 0.

    Computed by Gauss-Hermite quadrature.
    """
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    shares = 1 / (1 + np.exp(-deviation * points))
    return float(((shares - 0.5) ** 2 * weights).sum() / weights.sum())
