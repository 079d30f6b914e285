"""What would change the answer: the weights at which another method comes first."""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from similarity.decisions.criteria import Criterion


class Range(NamedTuple):
    """Shares of a criterion, from 0 to 1, between which one method comes first."""

    low: float
    high: float
    method: str


def find_winners(criterion: Mapping[str, float], others: Mapping[str, float]) -> list[Range]:
    """Return which method comes first for each share of a criterion, from 0 to 1.

    Both are figures by method; `others` are the weighted means of the other criteria, which share
    what is left. The means are straight lines over the share, so the first one changes only where
    two of them cross. Of equal methods the first counts.
    """
    keys = list(criterion)
    crossings = {0.0, 1.0}
    for one, other in combinations(keys, 2):
        gap = others[one] - others[other]
        slope = gap - (criterion[one] - criterion[other])
        if slope and 0 < gap / slope < 1:
            crossings.add(gap / slope)
    places = sorted(crossings)
    ranges: list[Range] = []
    for low, high in pairwise(places):
        share = (low + high) / 2
        best = max(keys, key=lambda key: share * criterion[key] + (1 - share) * others[key])
        if ranges and ranges[-1].method == best:
            ranges[-1] = Range(ranges[-1].low, high, best)
        else:
            ranges.append(Range(low, high, best))
    return ranges


def vary_weight(
    criterion: Criterion,
    weighted: Sequence[Criterion],
    weights: Mapping[str, int],
    methods: Sequence[str],
) -> list[Range]:
    """Return which method comes first for each share of a criterion among the weighted ones.

    The others keep their proportions. Empty if the criterion is the only one, or if it was not
    measured for all methods.
    """
    rest = [each for each in weighted if each.key != criterion.key]
    total = sum(weights[each.key] for each in rest)
    figures = {key: criterion.get_figure(key) for key in methods}
    if not rest or len(methods) < 2 or None in figures.values():
        return []
    others = {
        key: sum(
            weights[each.key] / total * each.aspect.table.figures[key][each.aspect.metric].mean
            for each in rest
        )
        for key in methods
    }
    return find_winners({key: each.mean for key, each in figures.items() if each}, others)
