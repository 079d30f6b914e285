"""How far methods agree, each two of them."""

import pandas as pd

from similarity.measures.metrics.retrieval import AT
from similarity.measures.metrics.schema import Metrics
from similarity.measures.metrics.verdict import with_limits
from similarity.measures.neighbours.agreement import SOURCE, P
from similarity.ui.measure.part import heading
from similarity.ui.shared.heat import heat
from similarity.ui.shared.marks import titles
from similarity.ui.shared.plain import plain

ROW = 48  # px


def show_agreement(found: Metrics) -> None:
    """The most and the least alike in words, then the matrix."""
    names = titles(list(found.methods))
    order = sorted(found.agreed, key=lambda each: each.overlap.mean)
    least, most = order[0], order[-1]
    said = (
        f"{names[most.one]} and {names[most.other]} have most of their first {AT} in common, "
        f"{with_limits(most.overlap, 1)} in the mean"
    )
    if len(order) > 1:
        said += (
            f"; {names[least.one]} and {names[least.other]} least, {with_limits(least.overlap, 1)}"
        )
    heading(
        "agree",
        plain(f"{said}; n {found.queries:,}."),
        [
            f"**Overlap@{AT}**: how many of the first {AT} products two methods share, the mean "
            "over the queries with its 95 % percentile bootstrap interval over queries of this "
            "catalogue. To agree is not to be right.",
            f"**Rank-biased overlap**, from 0 to 1, of the first {AT}: a higher rank counts more, "
            f"p = {P}; equal scores share a rank. Source: {SOURCE}, extrapolated.",
        ],
    )
    rows = [
        {
            "one": names[a],
            "other": names[b],
            "overlap": each.overlap.mean,
            "said": with_limits(each.overlap, 1),
            "biased": with_limits(each.biased),
            "n": found.queries,
        }
        for each in found.agreed
        for a, b in ((each.one, each.other), (each.other, each.one))
    ]
    across = list(names.values())
    heat(
        rows,
        across="one",
        down="other",
        value="overlap",
        columns=across,
        lines=across,
        tips={
            "one": "Of",
            "other": "and",
            "said": f"Overlap@{AT}",
            "biased": "Rank-biased overlap",
            "n": "Queries",
        },
        row=ROW,
        said="; ".join(
            f"{names[each.one]} and {names[each.other]} {with_limits(each.overlap, 1)}"
            for each in found.agreed
        ),
        top=AT,
        digits=1,
    )


def agreed(found: Metrics) -> pd.DataFrame:
    """Every two methods."""
    return pd.DataFrame(
        [
            (
                each.one,
                each.other,
                found.queries,
                *(each.overlap.mean, each.overlap.low, each.overlap.high),
                *(each.biased.mean, each.biased.low, each.biased.high),
            )
            for each in found.agreed
        ],
        columns=[
            *("method", "other", "n", f"overlap@{AT}", "overlap low", "overlap high"),
            *("rank-biased overlap", "rbo low", "rbo high"),
        ],
    )
