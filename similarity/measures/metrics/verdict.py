"""The figures in words: composed from them, and never stronger than they are."""

from collections.abc import Mapping, Sequence

from similarity.measures.metrics.retrieval import AT, FIRST
from similarity.measures.metrics.schema import Figure, Table

# what a method does more or less of, by metric; {} is the attribute
DOES = {
    FIRST: "finds the right {} first more often",
    f"P@{AT}": f"has more of the right {{}} among its first {AT}",
    f"recall@{AT}": f"brings more of all that have the right {{}} into its first {AT}",
    "MAP@R": "ranks the right {} higher",
    f"nDCG@{AT}": f"ranks the right {{}} higher within its first {AT}",
}


def headline(
    attribute: str, table: Table, metric: str, titles: Mapping[str, str], labels: Mapping[str, str]
) -> list[str]:
    """Sentences on which method is best by an attribute, and whether that can be shown.

    `titles` are by method; `labels` say with what those were trained that saw labels of products.
    """
    said = _best(attribute, table, metric, list(table.figures), titles)
    first = [key for key, rank in table.ranks(metric).items() if rank == 1]
    taught = [key for key in first if labels.get(key)]
    fair = [key for key in table.figures if not labels.get(key)]
    if taught and fair and len(table.figures) > 1:
        said += [f"{titles[key]} was trained with {labels[key]}." for key in taught]
        if len(fair) > 1:
            rest = _best(attribute, table, metric, fair, titles)
            said += [f"Of the methods that saw no labels of products: {rest[0]}", *rest[1:]]
    return said


def _best(
    attribute: str, table: Table, metric: str, keys: Sequence[str], titles: Mapping[str, str]
) -> list[str]:
    does = DOES[metric].format(attribute)
    order = [key for key in table.ranks(metric) if key in keys]
    of = {key: table.figures[key][metric] for key in order}
    if len(order) == 1:
        return [f"{titles[order[0]]}: {metric} {with_limits(of[order[0]])}, n {table.n:,}."]
    ranks = table.ranks(metric, keys)
    level = [key for key in order if ranks[key] == 1]
    lead, second = order[0], order[1]
    if len(level) == 1:
        return [
            f"{titles[lead]} {does} than {titles[second]}: {_both(table, metric, lead, second)}"
        ]
    names = [titles[key] for key in level]
    between = listed(names)
    said = []
    if len(level) == 2:
        said.append(f"No difference can be shown between {between}: {_both(table, metric, *level)}")
    else:
        said.append(f"No order can be shown among {between}.")
        said += [
            f"But {titles[lead]} {does} than {titles[key]}: {_both(table, metric, lead, key)}"
            for key in level[-1:]
            if (found := table.between(lead, key, metric)) and found.shown
        ]
    if after := [key for key in order if ranks[key] > 1]:
        verb = "Both" if len(level) == 2 else "All of them"
        last = level[-1]
        said.append(
            f"{verb} are shown to be better than {titles[after[0]]}, the next: for "
            f"{titles[last]}, {_both(table, metric, last, after[0])}"
        )
    return said


def _both(table: Table, metric: str, one: str, other: str) -> str:
    """Two figures and their difference, which has as many digits as it takes not to be 0."""
    found = table.between(one, other, metric)
    assert found is not None, f"{one} and {other} are compared"
    digits = 2 if abs(found.less.mean) >= 0.01 else 3
    figures = [f"{table.figures[key][metric].mean:.{digits}f}" for key in (one, other)]
    return (
        f"{metric} {figures[0]} against {figures[1]}, difference "
        f"{with_limits(found.less, digits)}, {p_value(found.corrected)}, n {table.n:,}."
    )


def with_limits(figure: Figure, digits: int = 2) -> str:
    """A figure with its interval."""
    mean, low, high = (f"{x:z.{digits}f}" for x in (figure.mean, figure.low, figure.high))
    return f"{mean} [{low}, {high}]"


def p_value(p: float) -> str:
    """A p value, as far as it can be told."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def listed(names: list[str], last: str = "and") -> str:
    """Names as a sentence has them: 'a, b and c'."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
