"""A judgment: how good a product is as a result for a query."""

from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote

from similarity.parts import Term

GRADES = {0: "Wrong", 1: "Fair", 2: "Good", 3: "Perfect"}
RELEVANT = 1  # from this grade on, a product counts as relevant
HIGHEST = max(GRADES)
MAX_JUDGE, MAX_NOTE = 80, 500  # characters

Evidence = Literal["people", "clicks"]  # never mixed: clicks are biased
EVIDENCE = get_args(Evidence)
QUERY_KINDS = ("product", "text", "picture")  # the roles of a query's term

Grades = dict[Term, dict[str, int]]  # by query and product


@dataclass(frozen=True)
class Judgment:
    """A grade that a person gave a product for a query; `judged` is in seconds since 1970."""

    query: Term
    product: str
    grade: int
    judge: str = ""
    judged: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Clicks:
    """How often a product was shown and clicked for a query.

    `expected` is the number of clicks that products at the same positions got on average.
    """

    query: Term
    product: str
    impressions: int
    clicks: int
    expected: float


def format_query(query: Term) -> str:
    """Return a query as a word without spaces, as TREC's files have it."""
    return f"{query.role}:{quote(query.value, safe='')}"


def parse_query(text: str) -> Term | None:
    """Return the query that `format_query` wrote, or None for any other text."""
    kind, separator, value = text.partition(":")
    return Term(kind, unquote(value)) if separator and kind in QUERY_KINDS else None


def combine_grades(grades: list[int]) -> int:
    """Return the grade of several judges: their mean, rounded to the nearest, halves up."""
    return (2 * sum(grades) + len(grades)) // (2 * len(grades))
