"""Do intervals cover what they claim, and do tests find only what is there?

    python -m benchmarks.intervals [votes] [pages] [power] [stopping] [catalogues]
                                   [products] [--repeat 2000]

Simulates votes whose truth is known, answered by people who differ and over queries that differ,
draws catalogues from the built demo, and makes up products in groups of variants; prints what the
app's own functions say of them, as tables for docs/statistics.md. All of it takes some 20 minutes
on two cores.

A preference is a difference of utilities, each a normal number of the query and one of the person;
the standard deviations are those of the difference, on the scale of log odds. A person answers each
query once at most.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from similarity import open_catalogue
from similarity.measures.clusters import Numbers, clustered_share, fold_intervals
from similarity.measures.folds import assign_folds, means_without_folds
from similarity.measures.intervals import Values, intervals, wilson
from similarity.measures.retrieval import METRICS, figures
from similarity.votes.plan import people_needed, plan
from similarity.votes.results import Results, results
from similarity.votes.vote import Answer, Cast, Setup
from tests.units.voting import person, setup_of

TIES = -0.7  # log of Davidson's parameter: a fifth of answers choose no side between equals
RESAMPLES = 500  # of the pigeonhole bootstrap
SPREADS = ((0, 0), (1, 0), (1.5, 0), (0, 0.7), (1, 0.7))  # of queries, of people
PEOPLE = (5, 10, 20, 30, 50)


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


def error(share: float, n: int) -> float:
    """The standard error of a simulated share."""
    return (share * (1 - share) / n) ** 0.5


# ---- other ways, to compare with


def pooled(vote: Vote) -> tuple[float, float]:
    """Wilson's interval, all answers taken as independent."""
    (outcome,) = results_of(vote).outcomes
    return wilson(outcome.wins / outcome.decided, outcome.decided)


def pigeonhole(vote: Vote, rng: np.random.Generator) -> tuple[float, float]:
    """The percentile interval by resampling people and queries at once (Owen 2007)."""
    people = {one.participant for one in vote.cast}
    rows = {who: i for i, who in enumerate(sorted(people))}
    wins = np.zeros((len(rows), len(vote.setup.queries)))
    chose = np.zeros_like(wins)
    first = vote.setup.methods[0]
    for one in vote.cast:
        if one.answer in ("left", "right"):
            preferred = one.left if one.answer == "left" else one.right
            chose[rows[one.participant], one.query] += 1
            wins[rows[one.participant], one.query] += preferred == first
    weights = [rng.multinomial(n, np.full(n, 1 / n), RESAMPLES).astype(float) for n in wins.shape]
    shares = ((weights[0] @ wins) * weights[1]).sum(1) / ((weights[0] @ chose) * weights[1]).sum(1)
    low, high = np.quantile(shares, [0.025, 0.975]).tolist()
    return low, high


# ---- what is printed


def show_votes(repeat: int) -> None:
    """False claims and coverage of votes between two equal methods."""
    print("| queries vary | people vary | people | independent | pigeonhole | ours | covered |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for queries, people in SPREADS:
        for count in PEOPLE:
            design = Design(people=count, query_spread=queries, person_spread=people)
            rng = np.random.default_rng(1)
            shown, covered = np.zeros(3), 0
            for number, vote in enumerate(simulate(design, repeat)):
                (outcome,) = results_of(vote).outcomes
                share = outcome.share
                assert share is not None
                limits = [pooled(vote)]
                if number < repeat // 4:  # it takes longer
                    limits.append(pigeonhole(vote, rng))
                apart = [not low <= 0.5 <= high for low, high in limits]
                shown += [apart[0], 4 * apart[1] if apart[1:] else 0, outcome.ahead != 0]
                covered += share.low <= vote.share <= share.high
            row = " | ".join(f"{100 * each / repeat:.1f} %" for each in [*shown, covered])
            print(f"| {queries} | {people} | {count} | {row} |", flush=True)


def show_pages(repeat: int) -> None:
    """Whether anything on the page of three equal methods claims a difference, and what intervals
    of strengths cover; 20 answers a person. Then the coverage of unequal methods, and of queries
    that the host chose."""
    print("| queries vary | people vary | people | any claim | strengths covered |")
    print("| --- | --- | --- | --- | --- |")
    for queries, people in SPREADS:
        for count in PEOPLE:
            design = Design(3, count, each=20, query_spread=queries, person_spread=people)
            found = [results_of(vote) for vote in simulate(design, repeat // 2)]
            scores = [one.score for each in found for one in each.strengths]
            shown = np.mean([claims_difference(each) for each in found])
            covered = np.mean([score.low <= 0.5 <= score.high for score in scores])
            print(f"| {queries} | {people} | {count} | {shown:.1%} | {covered:.1%} |", flush=True)
    print("\n| queries | true share | queries vary | people vary | people | covered |")
    print("| --- | --- | --- | --- | --- | --- |")
    for chosen in (False, True):
        for share in (0.5, 0.7, 0.85):
            for queries, people in ((1, 0.7), (1.5, 0)):
                for count in (5, 20, 50):
                    better = better_for(share, np.hypot(queries, people))
                    design = Design(2, count, 30, 12, queries, people, better, chosen)
                    hit = [
                        (one := results_of(vote).outcomes[0].share) is not None
                        and one.low <= vote.share <= one.high
                        for vote in simulate(design, repeat // 2)
                    ]
                    of = "chosen" if chosen else "random"
                    print(
                        f"| {of} | {share} | {queries} | {people} | {count} | {np.mean(hit):.1%} |",
                        flush=True,
                    )


def show_power(repeat: int) -> None:
    """How often a preference that is there is shown; preferences vary by 1 and 0.7."""
    print("| methods | people | queries | answers each | 0.55 | 0.6 | 0.7 |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    planned = [(3, *plan(3, True)), (2, *plan(1, True)), (2, people_needed(1, 100), 100)]
    for methods, people, queries in [(2, 20, 30), (2, 50, 30), (2, 50, 60), *planned]:
        shown = []
        for share in (0.55, 0.6, 0.7):
            better = better_for(share, np.hypot(1, 0.7))
            design = Design(methods, people or 0, queries or 0, 20, 1, 0.7, better)
            hits = [
                results_of(vote).between("method0", "method1").ahead > 0
                for vote in simulate(design, repeat // 8)
            ]
            shown.append(f"{np.mean(hits):.0%}")
        print(f"| {methods} | {people} | {queries} | 20 | {' | '.join(shown)} |", flush=True)


def show_stopping(repeat: int) -> None:
    """How often equal methods are told apart by who looks after each five of 50 people."""
    design = Design(people=50, each=20, query_spread=1, person_spread=0.7)
    once = ever = 0
    for vote in simulate(design, repeat // 4):
        looks = []
        for people in range(5, 51, 5):
            cast = [one for one in vote.cast if int(one.participant, 16) < people]
            looks.append(claims_difference(results_of(Vote(vote.setup, cast, vote.share))))
        once += looks[-1]
        ever += any(looks)
    n = repeat // 4
    print(f"At the end {once / n:.1%}, at any of ten looks {ever / n:.1%}, n {n}.")


def show_catalogues(repeat: int) -> None:
    """Figures of catalogues drawn from the demo's products, by two methods that are built. Limits
    are drawn in as far as catalogues share products (the finite population correction)."""
    catalogue = open_catalogue("demo")
    keys = ("efficientnet", "simclr_small")
    every = np.arange(len(catalogue.products))
    vectors = [catalogue.index(key).read(every).astype(np.float64) for key in keys]
    rng = np.random.default_rng(0)
    print("| attribute | products | of | figure | each query alone | folds of products |")
    print("| --- | --- | --- | --- | --- | --- |")
    for attribute in ("category", "colour"):
        codes = np.unique(catalogue.products[attribute], return_inverse=True)[1]
        for size in (200, 400):
            rows = []
            for _ in range(repeat // 10):
                some = rng.permutation(len(every))[:size]
                rows.append(measure_catalogue([each[some] for each in vectors], codes[some]))
            less = (1 - size / len(every)) ** 0.5
            means = np.array([[each.mean for each in row] for row in rows])
            truth = means.mean(0)
            covered = []
            for limits in (
                np.array([[each.alone for each in row] for row in rows]),
                np.array([[each.folds for each in row] for row in rows]),
            ):
                low, high = (means + less * (limits[:, :, side] - means) for side in (0, 1))
                covered.append(((low <= truth) & (truth <= high)).mean(0))
            for place, of in enumerate((*keys, "their difference")):
                for metric in ("P@1", "P@10", "MAP@R"):
                    cells = [f"{each[place, METRICS.index(metric)]:.1%}" for each in covered]
                    print(f"| {attribute} | {size} | {of} | {metric} | {' | '.join(cells)} |")


@dataclass(frozen=True)
class CatalogueFigures:
    """A catalogue's METRICS by one method, or differences of two: the means (m,), and limits
    (2, m) with each query taken alone, and with folds of products left out."""

    mean: Values
    alone: Values
    folds: Values


def measure_catalogue(vectors: Sequence[Values], codes: Numbers) -> list[CatalogueFigures]:
    """Figures of two methods' vectors (n, dim) of a catalogue with these labels, (n,), and their
    differences."""
    folds = assign_folds(np.arange(len(codes)))
    by = np.zeros((int(codes.max()) + 1, int(folds.max()) + 1), np.int64)
    np.add.at(by, (codes, folds), 1)
    relevant = by[codes]
    relevant[np.arange(len(codes)), folds] -= 1
    asked = relevant.sum(1) > 0
    values, without = [], []
    for each in vectors:
        each = each / np.linalg.norm(each, axis=1, keepdims=True)
        cosines = each @ each.T
        np.fill_diagonal(cosines, -np.inf)
        order = np.argsort(-cosines, axis=1)[asked, :-1]
        hits = codes[order] == codes[asked][:, None]
        r = relevant[asked]
        values.append(figures(hits, r.sum(1)))
        without.append(means_without_folds(hits, folds[order], folds[asked], r, figures))
    values.append(values[0] - values[1])
    without.append(without[0] - without[1])
    found = []
    for each, left in zip(values, without, strict=True):
        low, high, _ = fold_intervals(each.mean(0), left)
        found.append(CatalogueFigures(each.mean(0), intervals(each).T, np.stack([low, high])))
    return found


def show_products(repeat: int) -> None:
    """Figures of products in groups of variants, each product alone and groups together."""
    print("| groups | products each | alike | mean | | share | |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    rng = np.random.default_rng(0)
    n = repeat // 4
    for groups, size in ((1320, 1), (264, 5), (100, 5), (20, 5), (20, 15)):
        for alike in (0.0, 0.5, 0.9):
            values = variants(groups, size, alike, n, rng)
            of = np.repeat(np.arange(groups), size)
            row = []
            for numbers in (None, of):
                low, high = intervals(values, numbers).T
                row.append(((low <= 0.5) & (high >= 0.5)).mean())
            truth = variants(1, 1, 0.0, 10**6, rng).ravel() > 0.5
            for clusters in ([], [of]):
                shares = [clustered_share(column > 0.5, clusters) for column in values.T]
                row.append(np.mean([s.low <= truth.mean() <= s.high for s in shares]))
            cells = " | ".join(f"{each:.1%}" for each in row)
            print(f"| {groups} | {size} | {alike} | {cells} |", flush=True)


def variants(groups: int, size: int, alike: float, count: int, rng: np.random.Generator) -> Values:
    """Such as P@10 of products, whose mean is one half: (groups * size, count). `alike` is the
    correlation within a group."""
    together = rng.normal(0, alike**0.5, (groups, 1, count))
    alone = rng.normal(0, (1 - alike) ** 0.5, (groups, size, count))
    return np.clip(np.round(5 + 4 * (together + alone)), 0, 10).reshape(-1, count) / 10


PARTS = {
    "votes": show_votes,
    "pages": show_pages,
    "power": show_power,
    "stopping": show_stopping,
    "catalogues": show_catalogues,
    "products": show_products,
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("parts", nargs="*", choices=[*PARTS, "all"], default="all")
    options.add_argument("--repeat", type=int, default=2000)
    given = options.parse_args()
    print(
        f"{given.repeat:,} votes of each kind, a quarter of them by the pigeonhole bootstrap: the "
        f"standard error of 5 % is {error(0.05, given.repeat):.1%}, of its column "
        f"{error(0.05, given.repeat // 4):.1%}."
    )
    for part in PARTS if given.parts == "all" else given.parts:
        print(f"\n{part}\n")
        PARTS[part](given.repeat)


if __name__ == "__main__":
    main()
