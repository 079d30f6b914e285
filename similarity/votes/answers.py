"""Answers to a vote as arrays, from which everything is counted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from similarity.statistics.clusters import Numbers
from similarity.statistics.intervals import Values
from similarity.votes.vote import Cast, Pair

FIRST, SECOND, GOOD, BAD = OUTCOMES = range(4)  # which of a pair was preferred; both are


@dataclass(frozen=True)
class Answers:
    """n answers: of which person, to which query, about which pair, and with which outcome: (n,).

    People and queries are numbered from 0 in the order in which they first answered or were
    answered; `left` says whether the left row was preferred.
    """

    pairs: Sequence[Pair]
    person: Numbers
    query: Numbers
    pair: Numbers
    outcome: Numbers
    left: npt.NDArray[np.bool_]

    @property
    def chosen(self) -> npt.NDArray[np.bool_]:
        """Which answers preferred one of both rows: (n,)."""
        return self.outcome <= SECOND

    def count_by(self, clusters: Numbers) -> Values:
        """How often each cluster gave each outcome to each pair: (clusters, pairs, 4)."""
        shape = int(clusters.max()) + 1, len(self.pairs), len(OUTCOMES)
        flat = np.ravel_multi_index((clusters, self.pair, self.outcome), shape)
        return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)


def to_arrays(cast: Sequence[Cast], pairs: Sequence[Pair]) -> Answers:
    """Return these answers, at least one and no control, as arrays."""
    numbers = {frozenset(pair): i for i, pair in enumerate(pairs)}
    people: dict[str, int] = {}
    queries: dict[int, int] = {}
    rows = []
    for one in cast:
        pair = numbers[frozenset((one.left, one.right))]
        rows.append(
            (
                people.setdefault(one.participant, len(people)),
                queries.setdefault(one.query, len(queries)),
                pair,
                outcome_of(one, pairs[pair]),
                one.answer == "left",
            )
        )
    person, query, pair_of, outcome, left = np.array(rows, np.int64).T
    return Answers(pairs, person, query, pair_of, outcome, left.astype(bool))


def outcome_of(answer: Cast, pair: Pair) -> int:
    """Return which method of a pair an answer prefers. It goes by sides: a key can be any word."""
    if answer.answer == "left":
        return pair.index(answer.left)
    if answer.answer == "right":
        return pair.index(answer.right)
    return GOOD if answer.answer == "good" else BAD
