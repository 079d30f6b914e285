"""How near a score is compared with random pairs of the same method."""

import math

import numpy as np

from similarity.display.text import format_count
from similarity.indexes import RandomPairs, VectorIndex
from similarity.ui.shared.query import Query


def format_percent(random_pairs: RandomPairs, score: float) -> str:
    """Return the share of pairs that are no nearer, rounded down: 99.96 is not 100 %."""
    share = random_pairs.share_at_most(score)
    if share is None:
        return ""
    return "100 %" if share == 1 else f"{math.floor(share * 1000) / 10:.1f} %"


def format_nearness(random_pairs: RandomPairs, score: float) -> str:
    """Return the same as part of a sentence."""
    share = format_percent(random_pairs, score)
    if not share:
        return ""
    quantity = f"all {len(random_pairs.cosines):,}" if share == "100 %" else f"{share} of"
    return f"at least as near as {quantity} random pairs"


def is_weak(random_pairs: RandomPairs, score: float, threshold: int) -> bool:
    """Return whether less than `threshold` percent of the pairs are no nearer.

    False if there are too few pairs to tell.
    """
    share = random_pairs.share_at_most(score)
    return share is not None and share * 100 < threshold


def get_random_pairs(index: VectorIndex, query: Query) -> RandomPairs:
    """Return the pairs that a query's scores are compared with; none for a combined one."""
    if query.reference is None:
        return RandomPairs(np.empty(0, np.float32), "")
    return index.pairs[query.reference]


def describe_pairs(random_pairs: RandomPairs, query: Query) -> list[str]:
    """Describe the pairs, if there are any."""
    if not len(random_pairs.cosines):
        return []
    kinds = "two products"
    if query.kind == "text":
        kinds = "a product and another's caption, or category, where that is not also its own"
    return [f"Random pairs: {format_count(len(random_pairs.cosines), 'pair', 'pairs')} of {kinds}."]
