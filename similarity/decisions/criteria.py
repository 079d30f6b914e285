"""What can count as good: everything that methods were measured by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from similarity.judgments.comparison import MIN_QUERIES, Comparison
from similarity.judgments.measures import CUTOFF as JUDGED_CUTOFF
from similarity.judgments.measures import MEASURES
from similarity.measures.metrics.retrieval import DEFAULT_METRIC
from similarity.measures.metrics.schema import Difference, Figure, Metrics, Table
from similarity.measures.robustness.schema import Robustness
from similarity.measures.scorecard import Aspect, list_aspects, list_scene_aspects
from similarity.store.paths import make_name
from similarity.votes.results import MIN_PEOPLE, Results

VOTED = "votes"  # the metric of votes
JUDGED = "judgments"
TEXT = "text"


@dataclass(frozen=True)
class Criterion:
    """Something that can count as good, with a key for links."""

    key: str
    aspect: Aspect

    @property
    def title(self) -> str:
        """Its name, for display."""
        return self.aspect.title

    def get_figure(self, method: str) -> Figure | None:
        """Return a method's figure, or None if it was not measured."""
        figures = self.aspect.table.figures.get(method)
        return figures[self.aspect.metric] if figures else None


def list_criteria(
    metrics: Metrics | None,
    robustness: Robustness | None,
    judged: Comparison | None,
    voted: Results | None,
) -> list[Criterion]:
    """Return what there is evidence for: people first, then labels, words and changed pictures."""
    criteria = []
    if judged and len(judged.grades) >= MIN_QUERIES:
        criteria.append(Criterion(JUDGED, make_judged_aspect(judged)))
    if voted and voted.people >= MIN_PEOPLE:
        criteria.append(Criterion(VOTED, make_voted_aspect(voted)))
    if metrics:
        for aspect in list_aspects(metrics, None, DEFAULT_METRIC, "whole"):
            is_text = aspect.table is metrics.texts
            criteria.append(Criterion(TEXT if is_text else f"attribute-{aspect.label}", aspect))
    if robustness:
        criteria += [
            Criterion(f"change-{make_name(aspect.metric)}", aspect)
            for aspect in list_scene_aspects(robustness)
        ]
    return criteria


def make_judged_aspect(judged: Comparison) -> Aspect:
    """Return methods compared by people's judgments."""
    return Aspect(
        "Judgments",
        "judgments",
        MEASURES[0],
        f"How well the first {JUDGED_CUTOFF} results fit the grades that people gave",
        judged.table,
        MEASURES[0],
        uses_labels=False,
    )


def make_voted_aspect(voted: Results) -> Aspect:
    """Return methods compared by a blind vote.

    The figures are the methods' scores. A difference of two is significant where people prefer one
    of them significantly. Its interval is the widest that the two scores' intervals allow, because
    one vote counts for both.
    """
    scores = {
        each.method: Figure(each.score.mean, each.score.low, each.score.high)
        for each in voted.strengths
    }
    differences = []
    for one, other in combinations(scores, 2):
        try:
            outcome = voted.get_outcome(one, other)
        except KeyError:  # never asked
            continue
        first, second = scores[one], scores[other]
        estimate = Figure(
            first.mean - second.mean, first.low - second.high, first.high - second.low
        )
        p = outcome.corrected_p if outcome.lead else 1.0
        differences.append(Difference(one, other, VOTED, estimate, p, p))
    table = Table(
        n=voted.votes,
        chance=None,
        figures={key: {VOTED: score} for key, score in scores.items()},
        differences=differences,
    )
    return Aspect(
        "Blind vote",
        "the blind vote",
        "of votes, about",
        "Share of votes for a method against one of mean strength",
        table,
        VOTED,
        uses_labels=False,
    )


def choose_weights(criteria: Sequence[Criterion], weights: Mapping[str, int]) -> dict[str, int]:
    """Return the weights above 0 of criteria that exist; without any, the best evidence counts."""
    present = {each.key: weights[each.key] for each in criteria if each.key in weights}
    present = present or {each.key: 1 for each in criteria[:1]}
    return {key: weight for key, weight in present.items() if weight}
