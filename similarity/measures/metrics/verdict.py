"""Which method is best, in words that are never stronger than the figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from similarity.measures.metrics.retrieval import CUTOFF, P_AT_1
from similarity.measures.metrics.schema import Figure, Table

# what the best method does, by metric; {} is the attribute
BEST = {
    P_AT_1: "finds the right {} most often",
    f"P@{CUTOFF}": f"has the most results with the right {{}} in its top {CUTOFF}",
    f"recall@{CUTOFF}": f"finds the most products with the right {{}} in its top {CUTOFF}",
    "MAP@R": "ranks products with the right {} highest",
    f"nDCG@{CUTOFF}": f"ranks products with the right {{}} highest in its top {CUTOFF}",
}


AVERAGES = ("MAP@", "AP@", "MRR", "nDCG@", "RBP")  # over ranks: no shares of anything


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
    attribute: str,
    table: Table,
    metric: str,
    titles: Mapping[str, str],
    labels: Mapping[str, str],
    phrases: Mapping[str, str] = BEST,
) -> Verdict:
    """Return which method is best by an attribute, or that it is too close to call.

    `titles` are by method; `labels` name the product labels that a method was trained with.
    `phrases` say what the best one does, by metric, with {} for the attribute.
    """
    keys = list(table.figures)
    best = phrases[metric].format(attribute)
    verdict = _compare(best, table, metric, keys, titles)
    labelled = [key for key in table.list_leaders(metric) if labels.get(key)]
    unlabelled = [key for key in keys if not labels.get(key)]
    if labelled and unlabelled and len(keys) > 1:
        for key in labelled:
            verdict.add(f"{titles[key]} was trained on {labels[key]}: not a fair comparison.")
        if len(unlabelled) > 1:
            fair = _compare(best, table, metric, unlabelled, titles)
            verdict.add(
                f"Among methods trained without product labels: {fair.sentences[0]}", *fair.details
            )
            verdict.sentences += fair.sentences[1:]
    return verdict


def _compare(
    best: str, table: Table, metric: str, keys: Sequence[str], titles: Mapping[str, str]
) -> Verdict:
    verdict = Verdict()
    leaders = table.list_leaders(metric, keys)
    others = sorted(
        (key for key in keys if key not in leaders),
        key=lambda key: -table.figures[key][metric].mean,
    )
    lead = leaders[0]
    if len(keys) == 1:
        figure = table.figures[lead][metric]
        verdict.add(
            f"{titles[lead]} has a {metric} of {format_value(metric, figure.mean)}.",
            f"{metric} {format_figure(figure)}, n {table.n:,}.",
        )
        return verdict
    if len(leaders) == 1:
        lead_value, next_value = _format_pair(table, metric, lead, others[0])
        verdict.add(
            f"{titles[lead]} {best}: {lead_value}, {titles[others[0]]} {next_value}.",
            _describe_difference(table, metric, lead, others[0], titles),
        )
        return verdict
    verdict.add(
        f"Too close to call: {join_names([titles[key] for key in leaders])}.",
        *(_describe_difference(table, metric, lead, key, titles) for key in leaders[1:]),
    )
    if others:
        verdict.add(
            f"{titles[lead]} is ahead of {join_names([titles[key] for key in others])}.",
            _describe_difference(table, metric, lead, others[0], titles),
        )
    return verdict


def describe_values(name: str, table: Table, metric: str, titles: Mapping[str, str]) -> str:
    """Return the figures of the methods that may be the best, and what the others reach at most.

    "Colour: LiT 29 % and Pixels 28 %, the others 10 % or less".
    """
    leaders = table.list_leaders(metric)
    values = {key: format_value(metric, each[metric].mean) for key, each in table.figures.items()}
    text = f"{name}: {join_names([f'{titles[key]} {values[key]}' for key in leaders])}"
    others = [key for key in table.figures if key not in leaders]
    if not others:
        return text
    best_other = max(others, key=lambda key: table.figures[key][metric].mean)
    if len(others) == 1:
        return f"{text}, {titles[best_other]} {values[best_other]}"
    return f"{text}, the others {values[best_other]} or less"


def _format_pair(table: Table, metric: str, one: str, other: str) -> tuple[str, str]:
    """Format two methods' figures, with enough digits to tell them apart if they differ."""
    means = [table.figures[key][metric].mean for key in (one, other)]
    digits = 0
    while digits < 2 and len({format_value(metric, mean, digits) for mean in means}) < 2:
        digits += 1
    first, second = (format_value(metric, mean, digits) for mean in means)
    return first, second


def format_value(metric: str, value: float, digits: int = 0) -> str:
    """Return a share in percent, of which only 1 is 100, and an average over ranks as a decimal."""
    if metric.startswith(AVERAGES):
        return f"{value:.{digits + 2}f}"
    capped = 1.0 if value == 1 else min(value, 1 - 10 ** -(digits + 2))
    return f"{100 * capped:.{digits}f} %"


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
