"""How far the results of methods agree, for each pair."""

from collections.abc import Mapping

import pandas as pd

from similarity.catalogue import Catalogue
from similarity.display.marks import get_titles
from similarity.display.text import format_count
from similarity.measures.metrics.retrieval import CUTOFF
from similarity.measures.metrics.schema import Metrics
from similarity.measures.metrics.verdict import format_figure
from similarity.measures.neighbours.agreement import SOURCE, P
from similarity.ui.shared.heat import show_heat_map
from similarity.ui.shared.section import Section

ROW_HEIGHT = 36  # px


def make_agreement_section(catalogue: Catalogue, metrics: Metrics) -> Section | None:
    """Return the section about which methods agree most and least, if there are two methods."""
    if not metrics.agreements:
        return None
    names = get_titles(catalogue, list(metrics.methods))
    order = sorted(metrics.agreements, key=lambda agreement: agreement.overlap.mean)
    lowest, highest = order[0], order[-1]
    conclusion = (
        f"Agreement: {names[highest.one]} and {names[highest.other]} share "
        f"{highest.overlap.mean:.1f} of {CUTOFF} results on average"
    )
    if len(order) > 1:
        conclusion += f", {names[lowest.one]} and {names[lowest.other]} {lowest.overlap.mean:.1f}"
    facts = [
        f"**Overlap@{CUTOFF}** is how many of the first {CUTOFF} products two methods share, the "
        f"mean over {format_count(metrics.queries, 'query', 'queries')} with its 95 % percentile "
        "bootstrap interval over queries of this catalogue. To agree is not to be right.",
        f"**Rank-biased overlap**, from 0 to 1, of the first {CUTOFF}: a higher rank counts "
        f"more, p = {P}; equal scores share a rank. Source: {SOURCE}, extrapolated.",
    ]
    return Section("agree", conclusion, lambda: _show_agreement(metrics, names), facts)


def _show_agreement(metrics: Metrics, names: Mapping[str, str]) -> None:
    rows = [
        {
            "one": names[a],
            "other": names[b],
            "overlap": agreement.overlap.mean,
            "figure": format_figure(agreement.overlap, 1),
            "rbo": format_figure(agreement.rbo),
            "n": metrics.queries,
        }
        for agreement in metrics.agreements
        for a, b in ((agreement.one, agreement.other), (agreement.other, agreement.one))
    ]
    labels = list(names.values())
    show_heat_map(
        rows,
        x="one",
        y="other",
        value="overlap",
        x_labels=labels,
        y_labels=labels,
        tooltips={
            "one": "Of",
            "other": "and",
            "figure": f"Overlap@{CUTOFF}",
            "rbo": "Rank-biased overlap",
            "n": "Queries",
        },
        row_height=ROW_HEIGHT,
        alt="; ".join(
            f"{names[each.one]} and {names[each.other]} {format_figure(each.overlap, 1)}"
            for each in metrics.agreements
        ),
        maximum=max(agreement.overlap.mean for agreement in metrics.agreements),
        digits=1,
    )


def tabulate_agreement(metrics: Metrics) -> pd.DataFrame:
    """Return the agreement of each pair, for export."""
    return pd.DataFrame(
        [
            (
                agreement.one,
                agreement.other,
                metrics.queries,
                *(agreement.overlap.mean, agreement.overlap.low, agreement.overlap.high),
                *(agreement.rbo.mean, agreement.rbo.low, agreement.rbo.high),
            )
            for agreement in metrics.agreements
        ],
        columns=[
            *("method", "other", "n", f"overlap@{CUTOFF}", "overlap low", "overlap high"),
            *("rank-biased overlap", "rbo low", "rbo high"),
        ],
    )
