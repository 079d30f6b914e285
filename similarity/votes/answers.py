"""Votes as arrays, from which all results are computed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from similarity.statistics.clusters import Numbers
from similarity.statistics.intervals import Values
from similarity.votes.vote import CastVote, Pair

# which of a pair was preferred; both are good or bad
FIRST, SECOND, GOOD, BAD = OUTCOMES = range(4)


@dataclass(frozen=True)
class Answers:
    """n votes: the person, the query, the pair of methods and the outcome of each: (n,).

    People and queries are numbered from 0 in order of appearance; `prefers_left` tells whether the
    left row was preferred.
    """

    pairs: Sequence[Pair]
    person: Numbers
    query: Numbers
    pair: Numbers
    outcome: Numbers
    prefers_left: npt.NDArray[np.bool_]

    @property
    def has_preference(self) -> npt.NDArray[np.bool_]:
        """Which votes prefer one of the two rows: (n,)."""
        return self.outcome <= SECOND

    def count_by_cluster(self, clusters: Numbers) -> Values:
        """Return how often each cluster gave each outcome to each pair: (clusters, pairs, 4)."""
        shape = int(clusters.max()) + 1, len(self.pairs), len(OUTCOMES)
        flat = np.ravel_multi_index((clusters, self.pair, self.outcome), shape)
        return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)


def to_arrays(votes: Sequence[CastVote], pairs: Sequence[Pair]) -> Answers:
    """Return votes as arrays; there must be at least one, and no controls."""
    numbers = {frozenset(pair): i for i, pair in enumerate(pairs)}
    people: dict[str, int] = {}
    queries: dict[int, int] = {}
    rows = []
    for vote in votes:
        pair = numbers[frozenset((vote.left, vote.right))]
        rows.append(
            (
                people.setdefault(vote.participant, len(people)),
                queries.setdefault(vote.query, len(queries)),
                pair,
                classify_outcome(vote, pairs[pair]),
                vote.answer == "left",
            )
        )
    person, query, pair_of, outcome, left = np.array(rows, np.int64).T
    return Answers(pairs, person, query, pair_of, outcome, left.astype(bool))


def classify_outcome(vote: CastVote, pair: Pair) -> int:
    """Return which method of a pair a vote prefers, or GOOD or BAD.

    Compares sides, because a method's key can be any word.
    """
    if vote.answer == "left":
        return pair.index(vote.left)
    if vote.answer == "right":
        return pair.index(vote.right)
    return GOOD if vote.answer == "good" else BAD
