"""What people said: who wins against whom, how sure that is, and what might be wrong with it.

People and queries are both samples: answers of one person, and answers to one query, belong
together (see `similarity.statistics.clusters`). Queries that were drawn at random stand
for the catalogue; queries that the host chose stand for themselves, and then only people are a
sample.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from similarity.measures.metrics.schema import Figure
from similarity.statistics.clusters import Numbers, Share, clustered_share
from similarity.statistics.significance import LEVEL, holm
from similarity.votes.alpha import alpha_interval
from similarity.votes.answers import BAD, FIRST, GOOD, OUTCOMES, SECOND, Answers, to_arrays
from similarity.votes.strengths import Dropped, Strength, rank_methods
from similarity.votes.vote import Cast, Pair, Query, Setup

Flags = npt.NDArray[np.bool_]

LISTED = 6  # queries that divided people
LEAST_PEOPLE = 5  # fewer say nothing of others: no order is claimed


@dataclass(frozen=True)
class Outcome:
    """Answers about two methods: `wins` are those that preferred `one`.

    `share` is that of the wins among the answers that chose a side, None where nobody did.
    `corrected` is its p value, corrected for the number of pairs (Holm), 1 without it. `people`
    gave the answers. `identical` queries were never asked: both answer them alike.
    """

    one: str
    other: str
    wins: int
    losses: int
    good: int
    bad: int
    share: Share | None
    corrected: float
    people: int
    identical: int

    @property
    def decided(self) -> int:
        """How many chose a side."""
        return self.wins + self.losses

    @property
    def votes(self) -> int:
        """How many answers there are."""
        return self.decided + self.good + self.bad

    def turned(self) -> "Outcome":
        """The same with both in the other order."""
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
    def ahead(self) -> int:
        """1 if `one` is shown to be preferred, -1 if the other is, 0 if neither is shown."""
        if self.share is None or self.people < LEAST_PEOPLE or self.corrected >= LEVEL:
            return 0
        return 1 if self.share.mean > 0.5 else -1


@dataclass(frozen=True)
class Control:
    """Answers about a row beside itself in another order: what side and order alone decide.

    `left` is the share of the left among those that chose a side, `ordered` that of the method's
    own order; None where nobody chose one.
    """

    votes: int
    decided: int
    left: Share | None
    ordered: Share | None


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha over `units`, each a query with two methods that at least two people
    were asked, and the number of their answers."""

    alpha: Figure
    units: int
    votes: int


@dataclass(frozen=True)
class Divided:
    """A query on which people chose different sides."""

    query: Query
    one: str
    other: str
    wins: int
    losses: int


@dataclass(frozen=True)
class Results:
    """All of it. `sided` is the share of the left over all answers that chose a side;
    `of_catalogue` says whether this holds for the catalogue or for the queries alone."""

    of_catalogue: bool
    votes: int
    people: int
    outcomes: list[Outcome]
    strengths: list[Strength]
    sided: Share | None
    control: Control
    agreement: Agreement | None
    dropped: Dropped | None
    divided: list[Divided]

    def between(self, one: str, other: str) -> Outcome:
        """The answers about two methods, in this order."""
        for outcome in self.outcomes:
            if (outcome.one, outcome.other) == (one, other):
                return outcome
            if (outcome.other, outcome.one) == (one, other):
                return outcome.turned()
        raise KeyError(f"{one} and {other} are no pair of this vote")


def results(setup: Setup, cast: Sequence[Cast]) -> Results | None:
    """What a vote's answers say; None where there is none but controls'."""
    votes = [one for one in cast if not one.is_control]
    if not votes:
        return None
    askable = setup.askable()
    answers = to_arrays(votes, [pair for pair, queries in askable.items() if queries])
    of_catalogue = setup.chosen == "random"
    clusters = [answers.person, answers.query] if of_catalogue else [answers.person]
    outcomes = _outcomes(answers, clusters, askable, len(setup.queries))
    ahead = {(one.one, one.other): one.ahead for one in outcomes}

    def better(one: str, other: str) -> bool:
        return ahead.get((one, other), 0) > 0 or ahead.get((other, one), 0) < 0

    strengths, dropped = rank_methods(setup.methods, answers, clusters, better)
    return Results(
        of_catalogue=of_catalogue,
        votes=len(votes),
        people=int(answers.person.max()) + 1,
        outcomes=outcomes,
        strengths=strengths,
        sided=_share(answers.left, clusters, answers.chosen),
        control=_control([one for one in cast if one.is_control]),
        agreement=_agreement(answers, clusters),
        dropped=dropped,
        divided=_divided(setup, answers, [one.query for one in votes]),
    )


def _share(hits: Flags, clusters: Sequence[Numbers], among: Flags) -> Share | None:
    """The share of hits among some of the answers, with its interval; None of no answers."""
    if not among.any():
        return None
    return clustered_share(hits[among], [each[among] for each in clusters])


def _outcomes(
    answers: Answers,
    clusters: Sequence[Numbers],
    askable: Mapping[Pair, Collection[int]],
    queries: int,
) -> list[Outcome]:
    """One for each two methods of the vote."""
    found = []
    for pair, asked in askable.items():
        own = np.zeros(len(answers.pair), bool)
        if pair in answers.pairs:
            own = answers.pair == answers.pairs.index(pair)
        counts = np.bincount(answers.outcome[own], minlength=len(OUTCOMES))
        found.append(
            Outcome(
                *pair,
                wins=int(counts[FIRST]),
                losses=int(counts[SECOND]),
                good=int(counts[GOOD]),
                bad=int(counts[BAD]),
                share=_share(answers.outcome == FIRST, clusters, own & answers.chosen),
                corrected=1.0,
                people=len(np.unique(answers.person[own])),
                identical=queries - len(asked),
            )
        )
    tested = [i for i, one in enumerate(found) if one.share]
    for i, p in zip(tested, holm([one.share.p for one in found if one.share]), strict=True):
        found[i] = replace(found[i], corrected=p)
    return found


def _control(controls: Sequence[Cast]) -> Control:
    if not controls:
        return Control(0, 0, None, None)
    clusters = [
        np.unique([one.participant for one in controls], return_inverse=True)[1],
        np.array([one.query for one in controls]),
    ]
    chosen = np.array([one.answer in ("left", "right") for one in controls])
    left = np.array([one.answer == "left" for one in controls])
    ordered = np.array([one.answer != one.shuffled for one in controls])
    return Control(
        len(controls),
        int(chosen.sum()),
        _share(left, clusters, chosen),
        _share(ordered, clusters, chosen),
    )


def _agreement(answers: Answers, clusters: Sequence[Numbers]) -> Agreement | None:
    """Nominal alpha over what several people were asked."""
    _, unit, times = np.unique(
        answers.query * len(answers.pairs) + answers.pair, return_inverse=True, return_counts=True
    )
    several = times[unit] > 1
    if len(np.unique(answers.outcome[several])) < 2:
        return None  # nobody could have disagreed
    unit, *left = (np.unique(each[several], return_inverse=True)[1] for each in (unit, *clusters))
    alpha = alpha_interval(unit, answers.outcome[several], left)
    return Agreement(alpha, int(unit.max()) + 1, int(several.sum()))


def _divided(setup: Setup, answers: Answers, queries: Sequence[int]) -> list[Divided]:
    """The most evenly divided first, of these the one with more answers."""
    counts: Counter[tuple[int, int, int]] = Counter(
        zip(queries, answers.pair.tolist(), answers.outcome.tolist(), strict=True)
    )
    found = [
        Divided(setup.queries[query], *answers.pairs[pair], wins, losses)
        for (query, pair, outcome), wins in counts.items()
        if outcome == FIRST and (losses := counts[query, pair, SECOND])
    ]
    found.sort(key=lambda one: (-min(one.wins, one.losses), abs(one.wins - one.losses)))
    return found[:LISTED]
