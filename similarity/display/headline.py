"""The headline of a comparison: which methods find the right products, in a sentence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from similarity.display.criterion import MAX_VALUE, Criterion
from similarity.display.plurals import is_plural, pluralise
from similarity.display.products import ProductRow, get_leaf
from similarity.display.text import truncate
from similarity.measures.metrics.verdict import join_names
from similarity.parts import Term

MAX_WORDS = 60  # characters of words in a headline
MAX_NAMED = 2  # methods that are named before they are counted
MIN_SHARE = 2 / 3  # of a method's results that share a value which explains them
MIN_RATIO = 2  # times as many as the best method's


@dataclass(frozen=True)
class MethodResult:
    """A method's title, the attributes of its results, and how many of them are right."""

    title: str
    rows: Sequence[ProductRow]
    right: int


def describe_query(row: Mapping[str, str]) -> str:
    """Return a product as the subject of a headline, such as "this white sock"."""
    category, colour = (
        truncate(get_leaf(row.get(name, "")), MAX_VALUE) for name in ("category", "colour")
    )
    if not category:
        return "this product"
    pronoun = "these" if is_plural(category) else "this"
    return " ".join(filter(None, [pronoun, colour, category]))


def describe_whole_query(name: str, terms: Sequence[Term]) -> str:
    """Return a query as the subject of a headline: this white sock and “red”, without “striped”.

    `name` is the product or picture that it looks for, if any.
    """
    words = {
        role: [f"“{truncate(t.value, MAX_WORDS)}”" for t in terms if t.role == role]
        for role in ("text", "minus")
    }
    looked_for = join_names([*filter(None, [name]), *words["text"]])
    return (
        f"{looked_for}, without {join_names(words['minus'], 'or')}"
        if words["minus"]
        else looked_for
    )


def compose_headline(
    subject: str,
    criterion: Criterion,
    results: Sequence[MethodResult],
    query: Mapping[str, str],
) -> str:
    """Return how many right results the best and the worst methods have.

    If the worst method's results have something else in common, that is stated. `query` has the
    shared attributes of a product that is the query.
    """
    k = max((len(result.rows) for result in results), default=0)
    if not k:
        return ""
    best, worst = (pick(result.right for result in results) for pick in (max, min))
    first = [result for result in results if result.right == best]
    last = [result for result in results if result.right == worst]
    count = _format_count(best, k, criterion)
    if best == worst:
        names = (
            _join_titles(results) if len(results) <= MAX_NAMED else f"all {len(results)} methods"
        )
        return f"For {subject}, {names} {_conjugate(len(results))} {count}."
    explanation = _explain(last[0], first[0], criterion, query) if len(last) == 1 else ""
    return (
        f"For {subject}, {_join_titles(first)} {_conjugate(len(first))} {count}, "
        f"{_join_titles(last)} {worst}{f': {explanation}' if explanation else ''}."
    )


def _format_count(right: int, k: int, criterion: Criterion) -> str:
    possible, noun = criterion.possible, criterion.noun
    if right == 0:
        return f"no {noun}"
    if possible >= k:
        return f"{right} {noun} of {k}"
    if right == possible:
        words = {1: f"the only {criterion.singular_noun}", 2: f"both {noun}"}
        return words.get(right, f"all {right} {noun}")
    return f"{right} of the {possible} {noun}"


def _join_titles(results: Sequence[MethodResult]) -> str:
    if len(results) > MAX_NAMED:
        return f"{len(results)} methods"
    return join_names([result.title for result in results])


def _conjugate(count: int) -> str:
    return "finds" if count == 1 else "find"


def _explain(
    worst: MethodResult, best: MethodResult, criterion: Criterion, query: Mapping[str, str]
) -> str:
    """Return what most of the worst method's results share: the query's colour, or a category."""
    k = len(worst.rows)
    shared = []
    for name, text in query.items():
        if text and name not in criterion.values:
            count, other = (
                sum(row[name] == text for row in result.rows) for result in (worst, best)
            )
            if count >= MIN_SHARE * k and count >= MIN_RATIO * other:
                shared.append((count, _name_value(name, text)))
    if not shared and "category" in criterion.values:
        ((top, count),) = Counter(row["category"] for row in worst.rows).most_common(1)
        if top not in ("", criterion.values["category"]) and count > k / 2:
            shared.append((count, _name_value("category", top)))
    if not shared:
        return ""
    count, text = max(shared)
    return f"{count} of its {k} are {text}"


def _name_value(name: str, text: str) -> str:
    return truncate(pluralise(text) if name == "category" else text, MAX_VALUE)
