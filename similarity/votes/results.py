"""What people said: who wins against whom, how sure that is, and what might be wrong with it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np

from similarity.measures.intervals import RESAMPLES, Values, resamples, wilson
from similarity.measures.metrics import Figure, shared_ranks
from similarity.votes.alpha import nominal_alpha
from similarity.votes.davidson import fit, scores
from similarity.votes.schedule import EVERY
from similarity.votes.vote import Cast, Pair, Query, Setup

LISTED = 6  # queries that divided people
LEAST_PEOPLE = 5  # fewer say nothing of others: no order is claimed
UNIT_RESAMPLES = 200  # of alpha's interval
Z = 1.959963984540054  # of the normal distribution, 95 % two-sided


@dataclass(frozen=True)
class Outcome:
    """Answers about two methods: `wins` are those that preferred `one`.

    `share` is that of the wins among the answers that chose a side, with Wilson's interval; None
    where nobody did. `people` gave the answers. `identical` queries were never asked: both answer
    them alike.
    """

    one: str
    other: str
    wins: int
    losses: int
    good: int
    bad: int
    share: Figure | None
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
        share = self.share and Figure(1 - self.share.mean, 1 - self.share.high, 1 - self.share.low)
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
        return self.leading if self.people >= LEAST_PEOPLE else 0

    @property
    def leading(self) -> int:
        """The same by the interval alone, of however few people."""
        return 0 if self.share is None else (self.share.low > 0.5) - (self.share.high < 0.5)


@dataclass(frozen=True)
class Strength:
    """What a method gets against one of mean strength, and its rank."""

    method: str
    score: Figure
    rank: int


@dataclass(frozen=True)
class Control:
    """Answers about a row beside itself in another order: what side and order alone decide.

    `left` is the share of the left among those that chose a side, `ordered` that of the method's
    own order; None where nobody chose one.
    """

    votes: int
    decided: int
    left: Figure | None
    ordered: Figure | None


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha over `units`, each a query with two methods that at least two people
    were asked, and the number of their answers."""

    alpha: Figure
    units: int
    votes: int


@dataclass(frozen=True)
class Missing:
    """How many more answers the leading pair would need at the present rate.

    `pair` are answers about these two, `total` all answers, since others are asked too. 0 where
    the interval leaves out one half, None where both are level.
    """

    one: str
    other: str
    pair: int | None
    total: int | None


@dataclass(frozen=True)
class Dropped:
    """What becomes of the order without any one participant.

    `first` counts the people without whom another method comes first, `order` those without whom
    the order is another.
    """

    people: int
    first: int
    order: int


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
    """All of it. `sided` is the share of the left over all answers that chose a side."""

    votes: int
    people: int
    outcomes: list[Outcome]
    strengths: list[Strength]
    sided: Figure | None
    control: Control
    agreement: Agreement | None
    missing: Missing
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
    pairs = [pair for pair, queries in askable.items() if queries]
    people = list(dict.fromkeys(one.participant for one in votes))
    counts = _counts(votes, pairs, people)
    outcomes = [_outcome(votes, pair, len(setup.queries) - len(askable[pair])) for pair in askable]
    strengths = _strengths(setup.methods, pairs, counts)
    return Results(
        votes=len(votes),
        people=len(people),
        outcomes=outcomes,
        strengths=strengths,
        sided=_share(Counter(one.answer for one in votes), "left", "right"),
        control=_control([one for one in cast if one.is_control]),
        agreement=_agreement(votes),
        missing=_missing(strengths, outcomes, len(pairs)),
        dropped=_dropped(setup.methods, pairs, counts),
        divided=_divided(setup, votes),
    )


def said(one: Cast) -> str:
    """Which method an answer prefers; 'good' and 'bad' as they are."""
    return {"left": one.left, "right": one.right}.get(one.answer, one.answer)


def _share(counts: Counter[str], one: str, other: str) -> Figure | None:
    n = counts[one] + counts[other]
    return Figure(counts[one] / n, *wilson(counts[one], n)) if n else None


def _outcome(votes: Sequence[Cast], pair: Pair, identical: int) -> Outcome:
    own = [one for one in votes if {one.left, one.right} == set(pair)]
    counts = Counter(map(said, own))
    people = len({one.participant for one in own})
    wins, losses = (counts[key] for key in pair)
    share = _share(counts, *pair)
    return Outcome(*pair, wins, losses, counts["good"], counts["bad"], share, people, identical)


def _counts(votes: Sequence[Cast], pairs: Sequence[Pair], people: Sequence[str]) -> Values:
    """Each person's answers: how often they preferred the first of each pair, the second, and
    neither: (people, pairs, 3)."""
    found = np.zeros((len(people), len(pairs), 3))
    rows = {person: i for i, person in enumerate(people)}
    columns = {frozenset(pair): i for i, pair in enumerate(pairs)}
    for one in votes:
        column = columns[frozenset((one.left, one.right))]
        preferred = said(one)
        place = pairs[column].index(preferred) if preferred in pairs[column] else 2
        found[rows[one.participant], column, place] += 1
    return found


def _fitted(methods: Sequence[str], pairs: Sequence[Pair], counts: Values) -> Values:
    """The scores of methods by r sets of counts: (r, methods)."""
    places = [(methods.index(one), methods.index(other)) for one, other in pairs]
    return scores(*fit(counts, places, len(methods)))


def _strengths(methods: list[str], pairs: Sequence[Pair], counts: Values) -> list[Strength]:
    """Best first, with 95 % percentile bootstrap intervals.

    They are over participants, whose own answers belong together, and where that is wider over
    single answers: of a few people who happen to agree, the first alone would make much.
    """
    every = counts.sum(0)
    found = _fitted(methods, pairs, every[None])[0]
    people = len(counts)
    drawn = np.random.default_rng(0).multinomial(
        int(every.sum()), every.ravel() / every.sum(), size=RESAMPLES
    )
    limits = [
        np.quantile(_fitted(methods, pairs, again), [0.025, 0.975], axis=0)
        for again in (
            np.tensordot(resamples(people) * people, counts, 1),
            drawn.reshape(-1, *every.shape).astype(np.float64),
        )
    ]
    low = np.min([one[0] for one in limits], axis=0)
    high = np.max([one[1] for one in limits], axis=0)
    figures = {
        key: Figure(float(found[i]), float(min(low[i], found[i])), float(max(high[i], found[i])))
        for i, key in enumerate(methods)
    }
    order = sorted(figures, key=lambda key: -figures[key].mean)
    ranks = shared_ranks(order, lambda one, other: figures[one].low > figures[other].high)
    if people < LEAST_PEOPLE:
        ranks = dict.fromkeys(order, 1)
    return [Strength(key, figures[key], rank) for key, rank in ranks.items()]


def _control(controls: Sequence[Cast]) -> Control:
    sides = Counter(one.answer for one in controls)
    orders = Counter(
        "shuffled" if one.answer == one.shuffled else "ordered"
        for one in controls
        if one.answer in ("left", "right")
    )
    return Control(
        len(controls),
        sides["left"] + sides["right"],
        _share(Counter(sides), "left", "right"),
        _share(orders, "ordered", "shuffled"),
    )


def _agreement(votes: Sequence[Cast]) -> Agreement | None:
    """Nominal alpha, with a bootstrap over its units."""
    units: defaultdict[tuple[int, frozenset[str]], dict[str, str]] = defaultdict(dict)
    for one in votes:
        units[one.query, frozenset((one.left, one.right))][one.participant] = said(one)
    several = [Counter(answers.values()) for answers in units.values() if len(answers) > 1]
    labels = sorted({label for unit in several for label in unit})
    if len(labels) < 2:
        return None  # nobody could have disagreed
    counts = np.array([[unit[label] for label in labels] for unit in several])
    alpha = nominal_alpha(counts)
    rng = np.random.default_rng(0)
    again = [
        nominal_alpha(counts[rng.integers(0, len(counts), len(counts))])
        for _ in range(UNIT_RESAMPLES)
    ]
    low, high = np.quantile(again, [0.025, 0.975])
    figure = Figure(alpha, float(min(low, alpha)), float(max(high, alpha)))
    return Agreement(figure, len(counts), int(counts.sum()))


def _missing(strengths: list[Strength], outcomes: list[Outcome], pairs: int) -> Missing:
    """Wilson's interval leaves out one half as soon as n > Z^2 / (4 (p - 1/2)^2)."""
    names = strengths[0].method, strengths[1].method
    of = next(one for one in outcomes if {one.one, one.other} == set(names))
    if of.leading:
        return Missing(*names, 0, 0)
    if of.wins == of.losses:
        return Missing(*names, None, None)
    needed = floor(Z**2 / (4 * (of.wins / of.decided - 0.5) ** 2)) + 1
    more = ceil((needed - of.decided) * of.votes / of.decided)
    return Missing(*names, more, ceil(more * pairs * EVERY / (EVERY - 1)))


def _dropped(methods: list[str], pairs: Sequence[Pair], counts: Values) -> Dropped | None:
    if len(counts) < 2:
        return None
    every = counts.sum(0)
    order = np.argsort(-_fitted(methods, pairs, every[None])[0], kind="stable")
    others = np.argsort(-_fitted(methods, pairs, every - counts), axis=1, kind="stable")
    return Dropped(
        len(counts),
        int((others[:, 0] != order[0]).sum()),
        int((others != order).any(1).sum()),
    )


def _divided(setup: Setup, votes: Sequence[Cast]) -> list[Divided]:
    """The most evenly divided first, of these the one with more answers."""
    counts: defaultdict[tuple[int, Pair], Counter[str]] = defaultdict(Counter)
    for one in votes:
        first, second = sorted((one.left, one.right), key=setup.methods.index)
        counts[one.query, (first, second)][said(one)] += 1
    found = [
        Divided(setup.queries[query], *pair, tally[pair[0]], tally[pair[1]])
        for (query, pair), tally in counts.items()
        if tally[pair[0]] and tally[pair[1]]
    ]
    found.sort(key=lambda one: (-min(one.wins, one.losses), abs(one.wins - one.losses)))
    return found[:LISTED]
