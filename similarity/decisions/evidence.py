"""Everything that a catalogue's methods were measured by, read or computed from what is stored."""

from contextlib import suppress
from typing import NamedTuple

from similarity.catalogue import Catalogue
from similarity.decisions.criteria import Criterion, list_criteria
from similarity.decisions.decision import Decision, decide
from similarity.decisions.question import Question
from similarity.errors import SimilarityError
from similarity.judgments.comparison import Comparison, compare_by_judgments
from similarity.judgments.evidence import select_present
from similarity.judgments.rankings import list_able_methods, rank_queries
from similarity.judgments.store import Judgments
from similarity.measures.metrics.schema import Metrics, load_metrics
from similarity.measures.robustness.schema import Robustness, load_robustness
from similarity.votes.closed import find_largest_vote


class Evidence(NamedTuple):
    """What was measured: figures and costs, if there are any, and what can count as good."""

    metrics: Metrics | None
    criteria: list[Criterion]


def load_evidence(catalogue: Catalogue) -> Evidence:
    """Return what there is; what can't be read is left out, as its own page says why."""
    metrics: Metrics | None = None
    robustness: Robustness | None = None
    judged: Comparison | None = None
    with suppress(SimilarityError):
        metrics = load_metrics(catalogue)
    with suppress(SimilarityError):
        robustness = load_robustness(catalogue)
    with suppress(SimilarityError):
        judged = _compare_by_people(catalogue)
    criteria = list_criteria(metrics, robustness, judged, find_largest_vote(catalogue.name))
    return Evidence(metrics, criteria)


def _compare_by_people(catalogue: Catalogue) -> Comparison | None:
    """Compare methods by the queries of the kind that people judged most, if they judged any."""
    grades = Judgments(catalogue.folder).read_grades("people")
    judged = select_present(grades, catalogue.products.index)
    if not judged.grades:
        return None
    kind = judged.count_kinds().most_common(1)[0][0]
    of_kind = judged.select_kind(kind)
    methods = list_able_methods(catalogue, kind)
    rankings = {each.key: rank_queries(catalogue, each, list(of_kind)) for each in methods}
    return compare_by_judgments(rankings, of_kind) if rankings else None


def decide_for(catalogue: Catalogue, question: Question, evidence: Evidence) -> Decision:
    """Return the decision among a catalogue's methods."""
    methods = {key: catalogue.resolve_method_for_display(key) for key in catalogue.methods}
    labels = {key: each.training_labels for key, each in methods.items() if each.training_labels}
    return decide(question, methods, evidence.metrics, evidence.criteria, labels)
