"""Does the proxy agree with people? What Measure says of the same pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from similarity.measures.metrics.retrieval import AT
from similarity.measures.metrics.schema import Difference, Metrics
from similarity.votes.results import Outcome
from similarity.votes.vote import Setup

OF_PRODUCTS, OF_WORDS = f"P@{AT}", "MRR"
Verdict = Literal["agrees", "contradicts", "open"]


@dataclass(frozen=True)
class Proxy:
    """A pair's figure by category: a `difference` of its first method less the other.

    It agrees with people if both show the same method to be better; it is open where one of them
    shows nothing.
    """

    one: str
    other: str
    difference: Difference
    verdict: Verdict


def proxies(setup: Setup, outcomes: Sequence[Outcome], found: Metrics) -> tuple[str, list[Proxy]]:
    """What is compared, in words, and the pairs that were measured: none if the indexes measured
    are not those that were voted on."""
    if any(found.methods.get(key) != stamp for key, stamp in setup.stamps.items()):
        return "", []
    if setup.chosen == "words":
        table, metric = found.texts, OF_WORDS
        said = f"{metric} over {found.words}" if table else ""
    else:
        some = [each for each in found.attributes if "whole" in each.tables]
        some.sort(key=lambda each: each.name != "category")  # that first, where there is one
        table, metric = (some[0].tables["whole"] if some else None), OF_PRODUCTS
        said = f"{metric} by {some[0].name}" if some else ""
    if not table:
        return "", []
    rows = []
    for outcome in outcomes:
        difference = table.between(outcome.one, outcome.other, metric)
        if difference is not None:
            shown = (1 if difference.less.mean > 0 else -1) if difference.shown else 0
            verdict: Verdict = "open"
            if shown and outcome.ahead:
                verdict = "agrees" if shown == outcome.ahead else "contradicts"
            rows.append(Proxy(outcome.one, outcome.other, difference, verdict))
    return f"{said}, n {table.n:,}", rows
