"""Filters: conditions on the attributes of products, and the rows that they leave.

An attribute has a text for each product, empty where it is missing. Several conditions on one
attribute are alternatives; conditions on several attributes must all hold.
"""

import math
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import numpy as np
import numpy.typing as npt
import pandas as pd

from similarity.errors import SimilarityError

Range = tuple[float, float]
Condition = str | Range  # a value, or the lowest and highest number
Where = Mapping[str, Condition | Sequence[Condition]]
Mask = npt.NDArray[np.bool_]

MISSING = ""  # the value of products without one
MAX_CONDITIONS = 100  # of a filter
MIN_NUMERIC = 0.9  # share of an attribute's values that are numbers if it is numeric
CACHED_SELECTIONS = 8  # of a million products, a selection has up to 9 MB
PREFIX = "where."  # of the parameters of a link that filter by an attribute
RANGE = re.compile(r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)?\.\.(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)?")
ESCAPE = "="  # before values of links that would be read as a range
LISTED, LONGEST = 5, 60  # names in a message, and characters of each


class Clause(NamedTuple):
    """The conditions on one attribute: one of them must hold, or none of them if `is_negated`."""

    attribute: str
    conditions: tuple[Condition, ...]
    is_negated: bool = False


Filter = tuple[Clause, ...]  # in the order of the attributes; hashable


@dataclass(frozen=True, eq=False)
class Selection:
    """The rows that a filter leaves: their positions in ascending order, and a mask of all rows."""

    filter: Filter
    positions: npt.NDArray[np.int64]
    mask: Mask

    @property
    def share(self) -> float:
        """The share of all rows that are left."""
        return len(self.positions) / len(self.mask)


@dataclass(frozen=True)
class Values:
    """The values of one attribute.

    `codes` (products,) number each product's value in `texts`. `numbers` are those of the texts,
    NaN for texts that are none.
    """

    codes: npt.NDArray[np.int32]
    texts: list[str]
    numbers: npt.NDArray[np.float64]

    @cached_property
    def code_by_text(self) -> dict[str, int]:
        """The number of each text."""
        return {text: code for code, text in enumerate(self.texts)}

    @cached_property
    def is_numeric(self) -> bool:
        """Whether at least MIN_NUMERIC of the products that have a value have a number."""
        counts = self.count()
        has_value = np.array([text != MISSING for text in self.texts], bool)
        total = counts[has_value].sum()
        return bool(total) and counts[np.isfinite(self.numbers)].sum() >= MIN_NUMERIC * total

    @cached_property
    def distinct_numbers(self) -> npt.NDArray[np.float64]:
        """The different numbers among the texts, in ascending order."""
        return np.unique(self.numbers[np.isfinite(self.numbers)])

    def count(self, mask: Mask | None = None) -> npt.NDArray[np.int64]:
        """Return how many products have each of the texts, all or those of a mask."""
        codes = self.codes if mask is None else self.codes[mask]
        return np.bincount(codes, minlength=len(self.texts))

    def meet(self, conditions: Sequence[Condition]) -> Mask:
        """Return which products meet one of the conditions: (products,)."""
        is_met = np.zeros(len(self.texts), bool)
        for condition in conditions:
            if isinstance(condition, str):
                if (code := self.code_by_text.get(condition)) is not None:
                    is_met[code] = True
            else:
                is_met |= (self.numbers >= condition[0]) & (self.numbers <= condition[1])
        return is_met[self.codes]


class Attributes:
    """The attributes of a catalogue's products, prepared for filters. Safe to share by threads."""

    def __init__(self, products: pd.DataFrame, names: Sequence[str]) -> None:
        self.names = list(names)
        self.count = len(products)
        self._products = products
        self._values: dict[str, Values] = {}
        self._selections: dict[Filter, Selection] = {}
        self._lock = threading.Lock()

    def get_values(self, name: str) -> Values:
        """Return the values of an attribute, read once. Raises SimilarityError if unknown."""
        if name not in self.names:
            raise SimilarityError(describe_unknown("attribute", name, self.names))
        with self._lock:
            if name not in self._values:
                codes, texts = pd.factorize(self._products[name])
                texts = [str(text) for text in texts]
                self._values[name] = Values(codes.astype(np.int32), texts, parse_numbers(texts))
            return self._values[name]

    def make_filter(self, where: Where) -> Filter:
        """Return conditions in the form that `select` takes.

        Raises SimilarityError for an unknown attribute or value, for an invalid range, and for a
        range of an attribute without numbers.
        """
        clauses = []
        for name, conditions in where.items():
            values = self.get_values(name)
            listed = _list_conditions(conditions)
            if not listed:
                raise SimilarityError(f"The filter on '{name}' has no condition: name a value.")
            distinct = dict.fromkeys(_clean_condition(name, values, each) for each in listed)
            clauses.append(Clause(name, tuple(distinct)))
        if sum(len(clause.conditions) for clause in clauses) > MAX_CONDITIONS:
            raise SimilarityError(f"A filter can have {MAX_CONDITIONS} conditions. Remove some.")
        return tuple(sorted(clauses, key=lambda clause: self.names.index(clause.attribute)))

    def differ_from(self, positions: Sequence[int], names: Sequence[str]) -> Filter:
        """Return the conditions that results have other values than some products.

        Products without a value differ from all others. Raises SimilarityError as `get_values`.
        """
        clauses = []
        for name in dict.fromkeys(names):
            values = self.get_values(name)
            texts = dict.fromkeys(values.texts[values.codes[position]] for position in positions)
            texts.pop(MISSING, None)
            if texts:
                clauses.append(Clause(name, tuple(texts), is_negated=True))
        return tuple(clauses)

    def select(self, filter: Filter) -> Selection | None:
        """Return the products that a filter leaves, cached, or None for an empty filter."""
        if not filter:
            return None
        with self._lock:
            if selection := self._selections.get(filter):
                return selection
        mask = self.match(filter)
        selection = Selection(filter, np.flatnonzero(mask), mask)
        with self._lock:
            while len(self._selections) >= CACHED_SELECTIONS:
                del self._selections[next(iter(self._selections))]
            return self._selections.setdefault(filter, selection)

    def match(self, filter: Filter) -> Mask:
        """Return which products a filter leaves: (products,)."""
        mask = np.ones(self.count, bool)
        for clause in filter:
            mask &= self.get_values(clause.attribute).meet(clause.conditions) ^ clause.is_negated
        return mask


def is_range(condition: Any) -> bool:
    """Return whether a condition is a tuple of two numbers."""
    return (
        isinstance(condition, tuple)
        and len(condition) == 2
        and all(isinstance(n, int | float | np.number) for n in condition)
    )


def parse_numbers(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return the numbers that texts are, NaN for others: (n,)."""
    numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def describe_unknown(what: str, name: str, names: Sequence[str]) -> str:
    """Return a message for an unknown name, with the names that it may have meant."""
    similar = get_close_matches(name[:LONGEST], names, 1)
    listed = ", ".join(f"'{shorten(other)}'" for other in list(names)[:LISTED])
    remedy = f"Did you mean '{shorten(similar[0])}'?" if similar else f"Choose one of {listed}."
    return f"This catalogue has no {what} '{shorten(name)}'. {remedy}"


def shorten(text: str) -> str:
    """Return a text for a message."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _list_conditions(conditions: Condition | Sequence[Condition]) -> list[Any]:
    if isinstance(conditions, str) or is_range(conditions):
        return [conditions]
    return list(conditions)


def _clean_condition(name: str, values: Values, condition: Any) -> Condition:
    """Return a condition with plain numbers.

    Raises SimilarityError for one that no product can meet by its form.
    """
    if isinstance(condition, str):
        if condition not in values.code_by_text:
            texts = [text for text in values.texts if text]
            raise SimilarityError(describe_unknown(name, condition, texts))
        return condition
    if not is_range(condition):
        raise SimilarityError(
            f"{condition!r} is no condition on '{name}': name values as texts, or a range as two "
            "numbers, (0, 50)."
        )
    if not np.isfinite(values.numbers).any():
        raise SimilarityError(f"'{name}' has no numbers, so it has no range. Name its values.")
    low, high = map(float, condition)
    if not low <= high:  # also refuses what is not a number
        raise SimilarityError(
            f"The range {condition} of '{name}' is empty: put the lowest number first."
        )
    return low, high


def read_where(link: str) -> dict[str, list[Condition]]:
    """Return the filter in a link to Compare, as `Catalogue.search` takes it."""
    parameters = parse_qs(link.partition("?")[2] or link, keep_blank_values=True)
    return {
        name.removeprefix(PREFIX): [parse_condition(text) for text in texts]
        for name, texts in parameters.items()
        if name.startswith(PREFIX)
    }


def parse_condition(text: str) -> Condition:
    """Return a condition of a link: 0..50, 0.. and ..50 are ranges, everything else is a value."""
    if match := RANGE.fullmatch(text):
        low, high = match.groups()
        return float(low or "-inf"), float(high or "inf")
    return text.removeprefix(ESCAPE)


def format_condition(condition: Condition) -> str:
    """Return a condition as `parse_condition` reads it."""
    if isinstance(condition, str):
        is_ambiguous = RANGE.fullmatch(condition) or condition.startswith(ESCAPE)
        return f"{ESCAPE if is_ambiguous else ''}{condition}"
    low, high = (f"{bound:.15g}" if math.isfinite(bound) else "" for bound in condition)
    return f"{low}..{high}"
