"""Grades from clicks, by clicks over expected clicks.

People click what is shown first, so clicks alone reward whatever was first. COEC divides a
product's clicks by those that products at the same positions get on average (Zhang and Jones 2007,
"Comparing click logs and editorial labels for training query rewriting"). It corrects for the
position alone: what was never shown has no clicks, and a picture that attracts has many.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from similarity.judgments.judgment import Clicks
from similarity.parts import Term

MIN_EXPECTED = 1.0  # clicks: with fewer, no click says little
LIMITS = (0.5, 1.0, 2.0)  # the COEC from which a product has grade 1, 2 and 3


class Impression(NamedTuple):
    """A product that was shown for a query at a position."""

    query: Term
    product: str
    position: int


def count_clicks(impressions: Iterable[tuple[Impression, bool]]) -> list[Clicks]:
    """Return the clicks on every product for every query, from each impression and its click."""
    impression_counts: Counter[Impression] = Counter()
    click_counts: Counter[Impression] = Counter()
    for impression, is_clicked in impressions:
        impression_counts[impression] += 1
        click_counts[impression] += is_clicked
    shown_at, clicked_at = _sum_positions(impression_counts), _sum_positions(click_counts)
    totals: dict[tuple[Term, str], tuple[int, int, float]] = {}
    for impression, count in impression_counts.items():
        query, product, position = impression
        rate = clicked_at[position] / shown_at[position]
        times, clicks, expected = totals.get((query, product), (0, 0, 0.0))
        totals[query, product] = (
            times + count,
            clicks + click_counts[impression],
            expected + count * rate,
        )
    return [
        Clicks(query, product, times, clicks, expected)
        for (query, product), (times, clicks, expected) in totals.items()
    ]


def _sum_positions(counts: Mapping[Impression, int]) -> Counter[int]:
    sums: Counter[int] = Counter()
    for impression, count in counts.items():
        sums[impression.position] += count
    return sums


def grade_clicks(clicks: int, expected: float) -> int | None:
    """Return the grade of a product by its COEC, or None with too few expected clicks."""
    if expected < MIN_EXPECTED:
        return None
    return sum(clicks / expected >= limit for limit in LIMITS)
