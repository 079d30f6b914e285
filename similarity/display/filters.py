"""Filters in links, and as people read them."""

from collections.abc import Mapping, Sequence

from similarity.catalogue import Catalogue
from similarity.display.text import truncate
from similarity.errors import SimilarityError
from similarity.filters import (
    MAX_CONDITIONS,
    MISSING,
    PREFIX,
    Clause,
    Condition,
    Filter,
    format_condition,
    parse_condition,
)
from similarity.measures.metrics.verdict import join_names

MAX_NAME = 30  # characters of an attribute or a value
LISTED = 3  # values in the description of a clause


def read_parameters(
    catalogue: Catalogue, parameters: Mapping[str, Sequence[str]]
) -> tuple[Filter, str]:
    """Return the filter in the parameters of a link, and a remark if some of it is left out.

    Unknown attributes and values are.
    """
    where: dict[str, list[Condition]] = {}
    remark, count = "", 0
    for parameter, texts in parameters.items():
        if not parameter.startswith(PREFIX):
            continue
        name = parameter.removeprefix(PREFIX)
        for text in dict.fromkeys(texts):
            condition, count = parse_condition(text), count + 1
            if count > MAX_CONDITIONS:
                remark = f"Only the first {MAX_CONDITIONS} conditions of the filter are used."
                break
            try:
                catalogue.attributes.make_filter({name: [condition]})
                where.setdefault(name, []).append(condition)
            except SimilarityError as error:
                remark = f"{error} This part of the filter is ignored."
    return catalogue.attributes.make_filter(where), remark


def list_parameters(filter: Filter) -> list[tuple[str, str]]:
    """Return a filter as parameters of a link."""
    return [
        (PREFIX + clause.attribute, format_condition(condition))
        for clause in filter
        for condition in clause.conditions
    ]


def describe_clause(clause: Clause) -> str:
    """Return the conditions on one attribute, such as "colour: red or blue"."""
    texts = [describe_condition(condition) for condition in clause.conditions]
    if len(texts) > LISTED:
        texts[LISTED - 1 :] = [f"{len(texts) - LISTED + 1} others"]
    return f"{truncate(clause.attribute, MAX_NAME)}: {join_names(texts, 'or')}"


def describe_condition(condition: Condition) -> str:
    """Return a value, "none" where it is missing, or a range such as "0 to 50"."""
    if isinstance(condition, str):
        return "none" if condition == MISSING else truncate(condition, MAX_NAME)
    low, high = condition
    if high == float("inf"):
        return f"{low:g} or more" if low > float("-inf") else "any number"
    return f"{low:g} to {high:g}" if low > float("-inf") else f"up to {high:g}"
