"""Compare a vote with the proxy metrics of the same pairs of methods."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from similarity.measures.metrics.retrieval import CUTOFF
from similarity.measures.metrics.schema import Difference, Metrics
from similarity.votes.results import Outcome
from similarity.votes.vote import Setup

PRODUCT_METRIC, TEXT_METRIC = f"P@{CUTOFF}", "MRR"
Verdict = Literal["agrees", "contradicts", "open"]


@dataclass(frozen=True)
class Proxy:
    """A pair's `difference` of metrics by category: the first method minus the other.

    The verdict is "agrees" if the metrics and people favour the same method significantly, and
    "open" if one of them favours neither.
    """

    one: str
    other: str
    difference: Difference
    verdict: Verdict


def compare_with_metrics(
    setup: Setup, outcomes: Sequence[Outcome], metrics: Metrics
) -> tuple[str, list[Proxy]]:
    """Return a description of the metric, and the pairs that were measured.

    There are none if other vectors were measured than the ones voted on.
    """
    if any(metrics.methods.get(key) != stamp for key, stamp in setup.stamps.items()):
        return "", []
    if setup.query_source == "words":
        table, metric = metrics.texts, TEXT_METRIC
        description = f"{metric} over {metrics.words}" if table else ""
    else:
        attributes = [attribute for attribute in metrics.attributes if "whole" in attribute.tables]
        # category first, if there is one
        attributes.sort(key=lambda attribute: attribute.name != "category")
        table, metric = (attributes[0].tables["whole"] if attributes else None), PRODUCT_METRIC
        description = f"{metric} by {attributes[0].name}" if attributes else ""
    if not table:
        return "", []
    rows = []
    for outcome in outcomes:
        difference = table.get_difference(outcome.one, outcome.other, metric)
        if difference is not None:
            measured_lead = (
                (1 if difference.estimate.mean > 0 else -1) if difference.is_significant else 0
            )
            verdict: Verdict = "open"
            if measured_lead and outcome.lead:
                verdict = "agrees" if measured_lead == outcome.lead else "contradicts"
            rows.append(Proxy(outcome.one, outcome.other, difference, verdict))
    return f"{description}, n {table.n:,}", rows
