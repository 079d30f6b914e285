"""Which method judgments favour, in words that are never stronger than the figures."""

from collections.abc import Mapping

from similarity.judgments.comparison import MIN_QUERIES, Comparison
from similarity.judgments.measures import CUTOFF, DEPTH, MEASURES
from similarity.measures.metrics.verdict import Verdict, describe_best, describe_values, join_names

LABELS = dict(zip(MEASURES, (*MEASURES[:4], "RBP"), strict=True))  # on pages
# what the best method does, by measure
BEST = {
    MEASURES[0]: f"ranks what was judged best highest in its top {CUTOFF}",
    MEASURES[1]: f"has the most relevant results in its top {CUTOFF}",
    MEASURES[2]: f"finds the most of all relevant products in its top {CUTOFF}",
    MEASURES[3]: f"ranks relevant products highest in its top {DEPTH}",
    MEASURES[4]: "ranks relevant products highest for people who look at few results",
}


def describe_conclusion(comparison: Comparison, measure: str, titles: Mapping[str, str]) -> str:
    """Return the figures of the methods that may be the best, unless there are too few queries."""
    if len(comparison.queries) < MIN_QUERIES:
        return f"too few judged queries for a ranking ({MIN_QUERIES} needed)"
    values = describe_values("", comparison.table, measure, titles).removeprefix(": ")
    return f"{values} ({LABELS[measure]})"


def describe_verdict(comparison: Comparison, measure: str, titles: Mapping[str, str]) -> Verdict:
    """Return which method is best by a measure, and whether more judgments may change that.

    `titles` are by method.
    """
    if len(comparison.queries) < MIN_QUERIES:
        return Verdict([f"Too few judged queries for a ranking ({MIN_QUERIES} needed)."])
    verdict = describe_best("", comparison.table, measure, titles, {}, BEST)
    leaders = comparison.table.list_leaders(measure)
    others = [key for key in titles if key not in leaders]
    if len(leaders) == 1:
        shaky = [key for key in others if not comparison.is_robust(leaders[0], key, measure)]
        if shaky:
            names = join_names([titles[key] for key in shaky])
            verdict.add(f"Its unjudged results may put {names} ahead: judge more of them.")
    else:
        count = comparison.estimate_needed(leaders[0], leaders[1], measure)
        pair = f"{titles[leaders[0]]} and {titles[leaders[1]]}"
        verdict.add(
            f"About {count:,} more judgments decide between {pair}."
            if count
            else f"{pair} are so similar that judgments won't decide between them."
        )
    return verdict
