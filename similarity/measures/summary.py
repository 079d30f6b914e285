"""What was found out about the methods, in at most MAX_WORDS words.

It is composed of the stored figures, and never says more than their tests: who leads is what
`describe_leaders` says.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from similarity.measures.metrics.schema import Metrics
from similarity.measures.metrics.verdict import join_names
from similarity.measures.scorecard import Aspect, describe_leaders

MAX_WORDS = 120

Topic = Literal["methods", "scorecard", "costs", "judgments"]  # what a sentence is about


class Sentence(NamedTuple):
    """A sentence, and what its figures are about."""

    text: str
    topic: Topic


def summarise(
    metrics: Metrics,
    aspects: Sequence[Aspect],
    titles: Mapping[str, str],
    labels: Mapping[str, str],
    *,
    judged: str = "",
) -> list[Sentence]:
    """Return what was compared on what, which methods lead, what they cost, and what is not known.

    `titles` are by method, and `labels` name the product labels that a method was trained with.
    `judged` is what people's judgments conclude, if there are any.
    """
    count = len(titles)
    methods = f"{count} methods were" if count != 1 else "1 method was"
    queries = f"{metrics.queries:,} of {metrics.products:,} products"
    if metrics.queries == metrics.products:
        queries = f"all {metrics.products:,} products"
    start = Sentence(f"{methods} compared with {queries} as queries.", "methods")
    end = [*_describe_costs(metrics, titles), _describe_unknown(metrics, judged)]
    for named in range(len(aspects), -1, -1):
        leads = describe_leaders(aspects[:named], titles, labels)
        if named < len(aspects):
            rest = len(aspects) - named
            leads.append(f"{rest} more {'figure is' if rest == 1 else 'figures are'} in the table.")
        sentences = [start, *(Sentence(text, "scorecard") for text in leads), *end]
        if count_words(sentences) <= MAX_WORDS:
            return sentences
    return [start, end[-1]]


def count_words(sentences: Sequence[Sentence]) -> int:
    """Return how many words sentences have."""
    return sum(len(sentence.text.split()) for sentence in sentences)


def _describe_costs(metrics: Metrics, titles: Mapping[str, str]) -> list[Sentence]:
    """Return the fastest and the smallest method, unless fewer than two were measured."""
    rates = {key: cost.rate for key, cost in metrics.costs.items() if cost.rate and key in titles}
    sizes = {key: cost.size for key, cost in metrics.costs.items() if cost.size and key in titles}
    parts = []
    if len(rates) > 1:
        fastest, slowest = (pick(rates, key=rates.__getitem__) for pick in (max, min))
        parts.append(
            f"on this machine {titles[fastest]} embeds {rates[fastest]:,.0f} pictures a second, "
            f"{titles[slowest]} {rates[slowest]:,.0f}"
        )
    if len(sizes) > 1:
        smallest, largest = (pick(sizes, key=sizes.__getitem__) for pick in (min, max))
        parts.append(
            f"{titles[smallest]} stores {_format_size(sizes[smallest])} a product, "
            f"{titles[largest]} {_format_size(sizes[largest])}"
        )
    if not parts:
        return []
    text = "; ".join(parts)
    return [Sentence(f"{text[0].upper()}{text[1:]}.", "costs")]


def _format_size(size: float) -> str:
    return f"{size / 1000:,.1f} KB" if size >= 1000 else f"{size:,.0f} bytes"


def _describe_unknown(metrics: Metrics, judged: str) -> Sentence:
    if judged:
        return Sentence(f"{judged}.", "judgments")
    if not metrics.attributes:
        return Sentence("Not known: which results people would call similar.", "judgments")
    names = join_names([attribute.name for attribute in metrics.attributes], "or")
    return Sentence(
        f"Not known: which results people would call similar. The same {names} is only a proxy.",
        "judgments",
    )
