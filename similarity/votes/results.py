"""The results of a vote: who wins, how certain that is, and what may be wrong.

People and queries are both samples: votes of one person, and votes on one query, are not
independent (see `similarity.statistics.clusters`). Random queries represent the catalogue. Queries
that the host chose only represent themselves, and then only people are a sample.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from similarity.measures.metrics.schema import Figure
from similarity.statistics.clusters import Numbers, Share, clustered_share
from similarity.statistics.significance import LEVEL, correct_holm
from similarity.votes.alpha import estimate_alpha
from similarity.votes.answers import BAD, FIRST, GOOD, OUTCOMES, SECOND, Answers, to_arrays
from similarity.votes.strengths import Sensitivity, Strength, rank_methods
from similarity.votes.vote import CastVote, Pair, Query, Setup

Flags = npt.NDArray[np.bool_]

MAX_DIVIDED = 6  # queries that divided people, to list
MIN_PEOPLE = 5  # with fewer, no ranking is claimed


@dataclass(frozen=True)
class Outcome:
    """The votes on two methods; `wins` are those for `one`.

    `share` is the share of wins among votes for either side, None without any. `corrected_p` is its
    p value corrected for the number of pairs (Holm), 1 without a share. `people` voted. `identical`
    queries were never asked because both methods give the same row.
    """

    one: str
    other: str
    wins: int
    losses: int
    good: int
    bad: int
    share: Share | None
    corrected_p: float
    people: int
    identical: int

    @property
    def preferences(self) -> int:
        """Number of votes for either side."""
        return self.wins + self.losses

    @property
    def votes(self) -> int:
        """Number of votes."""
        return self.preferences + self.good + self.bad

    def reverse(self) -> "Outcome":
        """Return the same outcome with the two methods swapped."""
        share = self.share and replace(
            self.share,
            mean=1 - self.share.mean,
            low=1 - self.share.high,
            high=1 - self.share.low,
        )
        return replace(
            self,
            one=self.other,
            other=self.one,
            wins=self.losses,
            losses=self.wins,
            share=share,
        )

    @property
    def lead(self) -> int:
        """1 if `one` is significantly preferred, -1 if the other is, 0 otherwise."""
        if self.share is None or self.people < MIN_PEOPLE or self.corrected_p >= LEVEL:
            return 0
        return 1 if self.share.mean > 0.5 else -1


@dataclass(frozen=True)
class Control:
    """Votes on a row next to itself in another order, which only depend on side and order.

    `left_share` is the share of the left among votes for either side, `original_share` that of the
    method's own order; None without such votes.
    """

    votes: int
    preferences: int
    left_share: Share | None
    original_share: Share | None


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha over `units`, and the number of their votes.

    A unit is a query with two methods on which at least two people voted.
    """

    alpha: Figure
    units: int
    votes: int


@dataclass(frozen=True)
class DividedQuery:
    """A query on which people chose different sides."""

    query: Query
    one: str
    other: str
    wins: int
    losses: int


@dataclass(frozen=True)
class Results:
    """All results of a vote.

    `left_share` is the share of the left over all votes for either side. `of_catalogue` tells
    whether the results apply to the catalogue or only to the queries.
    """

    of_catalogue: bool
    votes: int
    people: int
    outcomes: list[Outcome]
    strengths: list[Strength]
    left_share: Share | None
    control: Control
    agreement: Agreement | None
    sensitivity: Sensitivity | None
    divided_queries: list[DividedQuery]

    def get_outcome(self, one: str, other: str) -> Outcome:
        """Return the votes on two methods, in this order."""
        for outcome in self.outcomes:
            if (outcome.one, outcome.other) == (one, other):
                return outcome
            if (outcome.other, outcome.one) == (one, other):
                return outcome.reverse()
        raise KeyError(f"{one} and {other} are not a pair of this vote")


def compute_results(setup: Setup, all_votes: Sequence[CastVote]) -> Results | None:
    """Return the results of a vote, or None if there are no votes except controls."""
    counted_votes = [vote for vote in all_votes if not vote.is_control]
    if not counted_votes:
        return None
    askable = setup.list_askable()
    answers = to_arrays(counted_votes, [pair for pair, queries in askable.items() if queries])
    of_catalogue = setup.query_source == "random"
    clusters = [answers.person, answers.query] if of_catalogue else [answers.person]
    outcomes = _count_outcomes(answers, clusters, askable, len(setup.queries))
    leads = {(outcome.one, outcome.other): outcome.lead for outcome in outcomes}

    def is_better(one: str, other: str) -> bool:
        return leads.get((one, other), 0) > 0 or leads.get((other, one), 0) < 0

    strengths, sensitivity = rank_methods(setup.methods, answers, clusters, is_better)
    return Results(
        of_catalogue=of_catalogue,
        votes=len(counted_votes),
        people=int(answers.person.max()) + 1,
        outcomes=outcomes,
        strengths=strengths,
        left_share=_compute_share(answers.prefers_left, clusters, answers.has_preference),
        control=_compute_control([vote for vote in all_votes if vote.is_control]),
        agreement=_compute_agreement(answers, clusters),
        sensitivity=sensitivity,
        divided_queries=_find_divided(setup, answers, [vote.query for vote in counted_votes]),
    )


def _compute_share(hits: Flags, clusters: Sequence[Numbers], is_counted: Flags) -> Share | None:
    """Return the share of hits among the counted votes with its interval, or None without any."""
    if not is_counted.any():
        return None
    return clustered_share(hits[is_counted], [cluster[is_counted] for cluster in clusters])


def _count_outcomes(
    answers: Answers,
    clusters: Sequence[Numbers],
    askable: Mapping[Pair, Collection[int]],
    queries: int,
) -> list[Outcome]:
    """Return one outcome for each pair of methods."""
    outcomes = []
    for pair, queries_asked in askable.items():
        is_own = np.zeros(len(answers.pair), bool)
        if pair in answers.pairs:
            is_own = answers.pair == answers.pairs.index(pair)
        counts = np.bincount(answers.outcome[is_own], minlength=len(OUTCOMES))
        outcomes.append(
            Outcome(
                *pair,
                wins=int(counts[FIRST]),
                losses=int(counts[SECOND]),
                good=int(counts[GOOD]),
                bad=int(counts[BAD]),
                share=_compute_share(
                    answers.outcome == FIRST, clusters, is_own & answers.has_preference
                ),
                corrected_p=1.0,
                people=len(np.unique(answers.person[is_own])),
                identical=queries - len(queries_asked),
            )
        )
    tested = [i for i, one in enumerate(outcomes) if one.share]
    for i, p in zip(
        tested, correct_holm([one.share.p for one in outcomes if one.share]), strict=True
    ):
        outcomes[i] = replace(outcomes[i], corrected_p=p)
    return outcomes


def _compute_control(controls: Sequence[CastVote]) -> Control:
    if not controls:
        return Control(0, 0, None, None)
    clusters = [
        np.unique([vote.participant for vote in controls], return_inverse=True)[1],
        np.array([vote.query for vote in controls]),
    ]
    has_preference = np.array([vote.answer in ("left", "right") for vote in controls])
    prefers_left = np.array([vote.answer == "left" for vote in controls])
    prefers_original = np.array([vote.answer != vote.shuffled for vote in controls])
    return Control(
        len(controls),
        int(has_preference.sum()),
        _compute_share(prefers_left, clusters, has_preference),
        _compute_share(prefers_original, clusters, has_preference),
    )


def _compute_agreement(answers: Answers, clusters: Sequence[Numbers]) -> Agreement | None:
    """Return nominal alpha over the units with several votes."""
    _, unit, times = np.unique(
        answers.query * len(answers.pairs) + answers.pair, return_inverse=True, return_counts=True
    )
    is_repeated = times[unit] > 1
    if len(np.unique(answers.outcome[is_repeated])) < 2:
        return None  # everybody gave the same answer
    unit, *repeated_clusters = (
        np.unique(each[is_repeated], return_inverse=True)[1] for each in (unit, *clusters)
    )
    alpha = estimate_alpha(unit, answers.outcome[is_repeated], repeated_clusters)
    return Agreement(alpha, int(unit.max()) + 1, int(is_repeated.sum()))


def _find_divided(setup: Setup, answers: Answers, queries: Sequence[int]) -> list[DividedQuery]:
    """Return the most evenly divided queries, those with more votes first."""
    counts: Counter[tuple[int, int, int]] = Counter(
        zip(queries, answers.pair.tolist(), answers.outcome.tolist(), strict=True)
    )
    divided = [
        DividedQuery(setup.queries[query], *answers.pairs[pair], wins, losses)
        for (query, pair, outcome), wins in counts.items()
        if outcome == FIRST and (losses := counts[query, pair, SECOND])
    ]
    divided.sort(
        key=lambda query_votes: (
            -min(query_votes.wins, query_votes.losses),
            abs(query_votes.wins - query_votes.losses),
        )
    )
    return divided[:MAX_DIVIDED]
