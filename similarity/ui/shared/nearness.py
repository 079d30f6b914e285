"""How near a score is compared with random pairs of the same method."""

import math

from similarity.indexes import RandomPairs
from similarity.ui.shared.plain import format_count
from similarity.ui.shared.query import Query


def format_percent(random_pairs: RandomPairs, score: float) -> str:
    """Return the share of pairs that are less near, rounded down: 99.96 is not 100 %."""
    share = random_pairs.share_below(score)
    if share is None:
        return ""
    return "100 %" if share == 1 else f"{math.floor(share * 1000) / 10:.1f} %"


def format_nearness(random_pairs: RandomPairs, score: float) -> str:
    """Return the same as part of a sentence."""
    share = format_percent(random_pairs, score)
    if not share:
        return ""
    quantity = f"all {len(random_pairs.cosines):,}" if share == "100 %" else f"{share} of"
    return f"nearer than {quantity} random pairs"


def is_weak(random_pairs: RandomPairs, score: float, threshold: int) -> bool:
    """Return whether a score is nearer than less than `threshold` percent of the pairs."""
    share = random_pairs.share_below(score)
    return share is not None and share * 100 < threshold


def describe_pairs(random_pairs: RandomPairs, query: Query) -> list[str]:
    """Describe the pairs, if there are any."""
    if not len(random_pairs.cosines):
        return []
    kinds = "two products"
    if query.kind == "text":
        kinds = "a product and another's caption, or category, where that is not also its own"
    return [f"Random pairs: {format_count(len(random_pairs.cosines), 'pair', 'pairs')} of {kinds}."]
