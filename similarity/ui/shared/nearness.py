"""How near a score is, beside random pairs by the same method: a cosine alone does not tell."""

import math

from similarity.indexes import RandomPairs
from similarity.ui.shared.plain import counted
from similarity.ui.shared.query import Query


def percent(known: RandomPairs, score: float) -> str:
    """How many of the pairs are less near, rounded down: 99.96 is not 100 %."""
    share = known.share_below(score)
    if share is None:
        return ""
    return "100 %" if share == 1 else f"{math.floor(share * 1000) / 10:.1f} %"


def near(known: RandomPairs, score: float) -> str:
    """The same as a sentence has it."""
    share = percent(known, score)
    if not share:
        return ""
    which = f"all {len(known.cosines):,}" if share == "100 %" else f"{share} of"
    return f"nearer than {which} random pairs"


def is_weak(known: RandomPairs, score: float, least: int) -> bool:
    """Whether a score is nearer than fewer than `least` percent of the pairs, if there are any."""
    share = known.share_below(score)
    return share is not None and share * 100 < least


def measured(known: RandomPairs, query: Query) -> list[str]:
    """What the pairs are, if there are any."""
    if not len(known.cosines):
        return []
    of = "two products"
    if query.kind == "text":
        of = "a product and another's caption, or category, where that is not also its own"
    return [f"Random pairs: {counted(len(known.cosines), 'pair', 'pairs')} of {of}."]
