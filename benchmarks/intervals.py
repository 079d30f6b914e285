"""Check that intervals cover what they claim, and that tests find only real differences.

    python -m benchmarks.intervals [votes] [pages] [power] [stopping] [catalogues]
                                   [combined] [products] [scenes] [--repeat 2000]

Simulates votes with a known truth, whose answers vary by person and query, draws catalogues from
the built demo, and makes up products in groups of variants. Prints what the app's own functions
report about them, as tables for docs/simulations.md. All of it takes about 20 minutes on two cores.
"""

import argparse

import numpy as np
from scipy.special import ndtri

from benchmarks.simulated_catalogues import draw_combined, draw_variants, measure_catalogue
from benchmarks.simulated_votes import (
    Design,
    Vote,
    claims_difference,
    compute_vote_results,
    find_advantage,
    simulate,
)
from similarity import open_catalogue
from similarity.measures.metrics.combined import SHARES
from similarity.measures.metrics.retrieval import METRICS
from similarity.measures.metrics.schema import Figure
from similarity.measures.robustness.schema import MethodCurves, SceneScore
from similarity.measures.robustness.scores import compare_scenes
from similarity.perturbations import CUSTOMER_PHOTO
from similarity.statistics.clusters import clustered_share
from similarity.statistics.intervals import compute_intervals, compute_wilson_interval
from similarity.votes.plan import compute_people_needed, plan_vote

RESAMPLES = 500  # for the pigeonhole bootstrap
SPREADS = ((0, 0), (1, 0), (1.5, 0), (0, 0.7), (1, 0.7))  # numbers of queries and of people
PEOPLE = (5, 10, 20, 30, 50)


def compute_standard_error(share: float, n: int) -> float:
    """Return the standard error of a simulated share."""
    return (share * (1 - share) / n) ** 0.5


# ---- other intervals, for comparison


def compute_wilson(vote: Vote) -> tuple[float, float]:
    """Return Wilson's interval, which takes all answers as independent."""
    (outcome,) = compute_vote_results(vote).outcomes
    return compute_wilson_interval(outcome.wins / outcome.preferences, outcome.preferences)


def bootstrap_people_and_queries(vote: Vote, rng: np.random.Generator) -> tuple[float, float]:
    """Return the percentile interval of resampling people and queries together (Owen 2007)."""
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


# ---- the parts


def show_votes(repeat: int) -> None:
    """Print false claims and coverage of votes between two equal methods."""
    print("| queries vary | people vary | people | independent | pigeonhole | ours | covered |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for queries, people in SPREADS:
        for count in PEOPLE:
            design = Design(people=count, query_spread=queries, person_spread=people)
            rng = np.random.default_rng(1)
            claims, covered = np.zeros(3), 0
            for number, vote in enumerate(simulate(design, repeat)):
                (outcome,) = compute_vote_results(vote).outcomes
                share = outcome.share
                assert share is not None
                limits = [compute_wilson(vote)]
                if number < repeat // 4:  # rarer, because it takes longer
                    limits.append(bootstrap_people_and_queries(vote, rng))
                is_different = [not low <= 0.5 <= high for low, high in limits]
                claims += [
                    is_different[0],
                    4 * is_different[1] if is_different[1:] else 0,
                    outcome.lead != 0,
                ]
                covered += share.low <= vote.share <= share.high
            row = " | ".join(f"{100 * each / repeat:.1f} %" for each in [*claims, covered])
            print(f"| {queries} | {people} | {count} | {row} |", flush=True)


def show_pages(repeat: int) -> None:
    """Print how often the page claims a difference between three equal methods.

    Also prints what the intervals of strengths cover with 20 answers per person, and the coverage
    with unequal methods and with queries that the host chose.
    """
    print("| queries vary | people vary | people | any claim | strengths covered |")
    print("| --- | --- | --- | --- | --- |")
    for queries, people in SPREADS:
        for count in PEOPLE:
            design = Design(3, count, each=20, query_spread=queries, person_spread=people)
            results = [compute_vote_results(vote) for vote in simulate(design, repeat // 2)]
            scores = [one.score for each in results for one in each.strengths]
            claim_share = np.mean([claims_difference(each) for each in results])
            covered = np.mean([score.low <= 0.5 <= score.high for score in scores])
            print(
                f"| {queries} | {people} | {count} | {claim_share:.1%} | {covered:.1%} |",
                flush=True,
            )
    print("\n| queries | true share | queries vary | people vary | people | covered |")
    print("| --- | --- | --- | --- | --- | --- |")
    for are_chosen in (False, True):
        for share in (0.5, 0.7, 0.85):
            for queries, people in ((1, 0.7), (1.5, 0)):
                for count in (5, 20, 50):
                    better = find_advantage(share, np.hypot(queries, people))
                    design = Design(2, count, 30, 12, queries, people, better, are_chosen)
                    hit = [
                        (one := compute_vote_results(vote).outcomes[0].share) is not None
                        and one.low <= vote.share <= one.high
                        for vote in simulate(design, repeat // 2)
                    ]
                    of = "chosen" if are_chosen else "random"
                    print(
                        f"| {of} | {share} | {queries} | {people} | {count} | {np.mean(hit):.1%} |",
                        flush=True,
                    )


def show_power(repeat: int) -> None:
    """Print how often a real preference is found, where preferences vary by 1 and 0.7."""
    print("| methods | people | queries | answers each | 0.55 | 0.6 | 0.7 |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    planned = [
        (3, *plan_vote(3, True)),
        (2, *plan_vote(1, True)),
        (2, compute_people_needed(1, 100), 100),
    ]
    for methods, people, queries in [(2, 20, 30), (2, 50, 30), (2, 50, 60), *planned]:
        claims = []
        for share in (0.55, 0.6, 0.7):
            better = find_advantage(share, np.hypot(1, 0.7))
            design = Design(methods, people or 0, queries or 0, 20, 1, 0.7, better)
            hits = [
                compute_vote_results(vote).get_outcome("method0", "method1").lead > 0
                for vote in simulate(design, repeat // 8)
            ]
            claims.append(f"{np.mean(hits):.0%}")
        print(f"| {methods} | {people} | {queries} | 20 | {' | '.join(claims)} |", flush=True)


def show_stopping(repeat: int) -> None:
    """Print how often equal methods seem different to a host who checks after every 5 people."""
    design = Design(people=50, each=20, query_spread=1, person_spread=0.7)
    once = ever = 0
    for vote in simulate(design, repeat // 4):
        looks = []
        for people in range(5, 51, 5):
            cast = [one for one in vote.cast if int(one.participant, 16) < people]
            looks.append(
                claims_difference(compute_vote_results(Vote(vote.setup, cast, vote.share)))
            )
        once += looks[-1]
        ever += any(looks)
    n = repeat // 4
    print(f"At the end {once / n:.1%}, at any of ten looks {ever / n:.1%}, n {n}.")


def show_catalogues(repeat: int) -> None:
    """Print the figures of catalogues drawn from the demo, by two built methods.

    Limits are narrowed by the finite population correction, because the catalogues share products.
    """
    catalogue = open_catalogue("demo")
    keys = ("efficientnet", "simclr_small")
    every = np.arange(len(catalogue.products))
    vectors = [
        catalogue.open_index(catalogue.resolve_method(key)).read(every).astype(np.float64)
        for key in keys
    ]
    rng = np.random.default_rng(0)
    print("| attribute | products | of | figure | each query alone | folds of products |")
    print("| --- | --- | --- | --- | --- | --- |")
    for attribute in ("category", "colour"):
        codes = np.unique(catalogue.products[attribute], return_inverse=True)[1]
        for size in (200, 400):
            rows = []
            for _ in range(repeat // 10):
                positions = rng.permutation(len(every))[:size]
                rows.append(
                    measure_catalogue([each[positions] for each in vectors], codes[positions])
                )
            less = (1 - size / len(every)) ** 0.5
            means = np.array([[each.mean for each in row] for row in rows])
            truth = means.mean(0)
            covered = []
            for limits in (
                np.array([[each.independent for each in row] for row in rows]),
                np.array([[each.folds for each in row] for row in rows]),
            ):
                low, high = (means + less * (limits[:, :, side] - means) for side in (0, 1))
                covered.append(((low <= truth) & (truth <= high)).mean(0))
            for place, of in enumerate((*keys, "their difference")):
                for metric in ("P@1", "P@10", "MAP@R"):
                    cells = [f"{each[place, METRICS.index(metric)]:.1%}" for each in covered]
                    print(f"| {attribute} | {size} | {of} | {metric} | {' | '.join(cells)} |")


def show_combined(repeat: int) -> None:
    """Print the figures of pictures with words, in catalogues drawn from the demo, by LiT.

    Limits are narrowed as those of `show_catalogues`.
    """
    catalogue = open_catalogue("demo")
    figures = [*(f"{share} % words" for share in SHARES), "50 less 0 %", "50 less 100 %"]
    print("| products | queries | of | mean | folds of products |")
    print("| --- | --- | --- | --- | --- |")
    for size in (400, 800):
        drawn = list(draw_combined(catalogue, "lit", size, repeat // 10))
        less = (1 - size / len(catalogue.products)) ** 0.5
        means = np.array([each.mean for each in drawn])
        limits = np.array([each.folds for each in drawn])
        truth = means.mean(0)
        low, high = (means + less * (limits[:, side] - means) for side in (0, 1))
        covered = ((low <= truth) & (truth <= high)).mean(0)
        queries = np.mean([each.queries for each in drawn])
        for of, mean, share in zip(figures, truth, covered, strict=True):
            print(f"| {size} | {queries:.0f} | {of} | {mean:.2f} | {share:.1%} |", flush=True)


def show_products(repeat: int) -> None:
    """Print the figures of products in groups of variants, independent and grouped."""
    print("| groups | products each | alike | mean | | share | |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    rng = np.random.default_rng(0)
    n = repeat // 4
    for groups, size in ((1320, 1), (264, 5), (100, 5), (20, 5), (20, 15)):
        for alike in (0.0, 0.5, 0.9):
            values = draw_variants(groups, size, alike, n, rng)
            of = np.repeat(np.arange(groups), size)
            row = []
            for numbers in (None, of):
                low, high = compute_intervals(values, numbers).T
                row.append(((low <= 0.5) & (high >= 0.5)).mean())
            truth = draw_variants(1, 1, 0.0, 10**6, rng).ravel() > 0.5
            for clusters in ([], [of]):
                shares = [clustered_share(column > 0.5, clusters) for column in values.T]
                row.append(np.mean([s.low <= truth.mean() <= s.high for s in shares]))
            cells = " | ".join(f"{each:.1%}" for each in row)
            print(f"| {groups} | {size} | {alike} | {cells} |", flush=True)


def _draw_difficulties(
    groups: np.ndarray, alike: float, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Return normal values (n, count) whose correlation within groups (n,) is `alike`."""
    together = rng.standard_normal((groups.max() + 1, count))[groups]
    individual = rng.standard_normal((len(groups), count))
    return alike**0.5 * together + (1 - alike) ** 0.5 * individual


def show_scenes(repeat: int) -> None:
    """Print how often the test of scenes tells two of five equal methods apart, on 100 products."""
    rng = np.random.default_rng(0)
    ids, figure = [str(i) for i in range(100)], Figure(0, 0, 1)
    print("| products of a group | alike | share in the top | any two told apart |")
    print("| --- | --- | --- | --- |")
    for size, alike in ((1, 0.0), (5, 0.5), (5, 0.9)):
        groups = np.arange(100) // size
        for share in (0.1, 0.5):
            claims = 0
            for _ in range(repeat):
                # half of what decides is the product's, the same for all methods
                values = _draw_difficulties(groups, alike, 6, rng)
                is_in_top = values[:, :1] + values[:, 1:] > ndtri(1 - share) * 2**0.5
                methods = {
                    str(i): MethodCurves(
                        "",
                        {},
                        {
                            CUSTOMER_PHOTO: SceneScore(
                                100, figure, figure, [ids[j] for j in np.flatnonzero(column)]
                            )
                        },
                    )
                    for i, column in enumerate(is_in_top.T)
                }
                differences = compare_scenes(methods, ids, groups)
                claims += any(difference.is_significant for difference in differences)
            print(f"| {size} | {alike} | {share:.0%} | {claims / repeat:.1%} |", flush=True)


PARTS = {
    "votes": show_votes,
    "pages": show_pages,
    "power": show_power,
    "stopping": show_stopping,
    "catalogues": show_catalogues,
    "combined": show_combined,
    "products": show_products,
    "scenes": show_scenes,
}


def main() -> None:
    """Simulate the parts that the options name, and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "all"], default="all")
    parser.add_argument("--repeat", type=int, default=2000)
    options = parser.parse_args()
    print(
        f"{options.repeat:,} votes of each kind, a quarter of them by the pigeonhole bootstrap: "
        f"the standard error of 5 % is {compute_standard_error(0.05, options.repeat):.1%}, of its "
        f"column {compute_standard_error(0.05, options.repeat // 4):.1%}."
    )
    for part in PARTS if options.parts == "all" else options.parts:
        print(f"\n{part}\n")
        PARTS[part](options.repeat)


if __name__ == "__main__":
    main()
