"""Which method is best, in words that are never stronger than the figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from similarity.measures.metrics.retrieval import CUTOFF, P_AT_1
from similarity.measures.metrics.schema import Figure, Table

# what the best method does, and what a better one does, by metric; {} is the attribute
BEST = {
    P_AT_1: "finds the right {} most often",
    f"P@{CUTOFF}": f"has the most results with the right {{}} in its top {CUTOFF}",
    f"recall@{CUTOFF}": f"finds the most products with the right {{}} in its top {CUTOFF}",
    "MAP@R": "ranks products with the right {} highest",
    f"nDCG@{CUTOFF}": f"ranks products with the right {{}} highest in its top {CUTOFF}",
}
BETTER = {
    P_AT_1: "finds the right {} more often",
    f"P@{CUTOFF}": f"has more results with the right {{}} in its top {CUTOFF}",
    f"recall@{CUTOFF}": f"finds more products with the right {{}} in its top {CUTOFF}",
    "MAP@R": "ranks products with the right {} higher",
    f"nDCG@{CUTOFF}": f"ranks products with the right {{}} higher in its top {CUTOFF}",
}


@dataclass
class Verdict:
    """A conclusion in sentences, and the statistics behind it."""

    sentences: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)

    def add(self, sentence: str, *details: str) -> None:
        """Append a sentence and its details."""
        self.sentences.append(sentence)
        self.details.extend(details)


def describe_best(
    attribute: str, table: Table, metric: str, titles: Mapping[str, str], labels: Mapping[str, str]
) -> Verdict:
    """Return which method is best by an attribute, or that it is too close to call.

    `titles` are by method; `labels` name the product labels that a method was trained with.
    """
    keys = list(table.figures)
    verdict = _compare(attribute, table, metric, keys, titles)
    first = [key for key, rank in table.rank_methods(metric).items() if rank == 1]
    labelled = [key for key in first if labels.get(key)]
    unlabelled = [key for key in keys if not labels.get(key)]
    if labelled and unlabelled and len(keys) > 1:
        for key in labelled:
            verdict.add(f"{titles[key]} was trained on {labels[key]}: not a fair comparison.")
        if len(unlabelled) > 1:
            fair = _compare(attribute, table, metric, unlabelled, titles)
            verdict.add(
                f"Among methods trained without product labels: {fair.sentences[0]}", *fair.details
            )
            verdict.sentences += fair.sentences[1:]
    return verdict


def _compare(
    attribute: str, table: Table, metric: str, keys: Sequence[str], titles: Mapping[str, str]
) -> Verdict:
    verdict = Verdict()
    ranks = table.rank_methods(metric, keys)
    order = list(ranks)
    level = [key for key in order if ranks[key] == 1]
    after = [key for key in order if ranks[key] > 1]
    lead = order[0]
    if len(order) == 1:
        figure = table.figures[lead][metric]
        verdict.add(
            f"{titles[lead]} has a {metric} of {_format_value(metric, figure.mean)}.",
            f"{metric} {format_figure(figure)}, n {table.n:,}.",
        )
        return verdict
    if len(level) == 1:
        lead_value, next_value = _format_pair(table, metric, lead, order[1])
        verdict.add(
            f"{titles[lead]} {BEST[metric].format(attribute)}: {lead_value}, "
            f"{titles[order[1]]} {next_value}.",
            _describe_difference(table, metric, lead, order[1], titles),
        )
        return verdict
    last = level[-1]
    verdict.add(f"Too close to call: {join_names([titles[key] for key in level])}.")
    difference = table.get_difference(lead, last, metric)
    assert difference is not None, f"{lead} and {last} are compared"
    if len(level) == 2:
        verdict.details.append(_describe_difference(table, metric, lead, last, titles))
    elif difference.is_significant:
        lead_value, last_value = _format_pair(table, metric, lead, last)
        verdict.add(
            f"But {titles[lead]} {BETTER[metric].format(attribute)} than {titles[last]}: "
            f"{lead_value}, {last_value}.",
            _describe_difference(table, metric, lead, last, titles),
        )
    if after:
        group = "Both are" if len(level) == 2 else "All of them are"
        verdict.add(
            f"{group} better than {titles[after[0]]}.",
            _describe_difference(table, metric, last, after[0], titles),
        )
    return verdict


def _format_pair(table: Table, metric: str, one: str, other: str) -> tuple[str, str]:
    """Format two methods' figures, with enough digits to tell them apart if they differ."""
    means = [table.figures[key][metric].mean for key in (one, other)]
    digits = 0
    while digits < 2 and len({_format_value(metric, mean, digits) for mean in means}) < 2:
        digits += 1
    first, second = (_format_value(metric, mean, digits) for mean in means)
    return first, second


def _format_value(metric: str, value: float, digits: int = 0) -> str:
    """Format shares in percent, and averages over ranks as decimals."""
    if metric in ("MAP@R", f"nDCG@{CUTOFF}"):
        return f"{value:.{digits + 2}f}"
    return f"{100 * value:.{digits}f} %"


def _describe_difference(
    table: Table, metric: str, one: str, other: str, titles: Mapping[str, str]
) -> str:
    """Describe two figures and their difference, with enough digits that it is not 0."""
    difference = table.get_difference(one, other, metric)
    assert difference is not None, f"{one} and {other} are compared"
    digits = 2 if abs(difference.estimate.mean) >= 0.01 else 3
    first, second = (f"{table.figures[key][metric].mean:.{digits}f}" for key in (one, other))
    return (
        f"{titles[one]} against {titles[other]}: {metric} {first} and {second}, difference "
        f"{format_figure(difference.estimate, digits)}, {format_p(difference.corrected_p)}, "
        f"n {table.n:,}."
    )


def format_figure(figure: Figure, digits: int = 2) -> str:
    """Return a figure with its interval."""
    mean, low, high = (f"{x:z.{digits}f}" for x in (figure.mean, figure.low, figure.high))
    return f"{mean} [{low}, {high}]"


def format_p(p: float) -> str:
    """Return a p value to three digits."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def join_names(names: list[str], last: str = "and") -> str:
    """Join names as in a sentence: 'a, b and c'."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
