"""What makes a result right: the attribute values that it must share with the query."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from similarity.catalogue import Catalogue
from similarity.display.plurals import pluralise, singularise
from similarity.display.products import HIDDEN_COLUMNS, ProductRow, get_leaf
from similarity.display.text import truncate
from similarity.filters import Selection
from similarity.parts import Term

MAX_VALUE = 30  # characters of a value in a sentence
NEGATIONS = {"no", "not", "without", "except", "but", "non", "never"}


@dataclass(frozen=True)
class Criterion:
    """Attribute values, not empty, that a right result has; the category first.

    `possible` is how many products have them, without the query.
    """

    values: Mapping[str, str]
    possible: int

    def leave_out(self, rows: Sequence[ProductRow]) -> "Criterion":
        """Return the criterion with these products not counted."""
        return replace(self, possible=max(self.possible - sum(map(self.is_met, rows)), 0))

    def is_met(self, row: ProductRow) -> bool:
        """Return whether a product with these attributes is right."""
        return all(row[name] == text for name, text in self.values.items())

    @property
    def noun(self) -> str:
        """The right products in the plural: dresses, white products, red backpacks."""
        return self._name(pluralise(get_leaf(self.values.get("category", "product"))))

    @property
    def singular_noun(self) -> str:
        """A right product: dress, white product, red backpack."""
        return self._name(singularise(get_leaf(self.values.get("category", "product"))))

    def _name(self, noun: str) -> str:
        adjectives = [text for name, text in self.values.items() if name != "category"]
        return " ".join(truncate(word, MAX_VALUE) for word in [*adjectives, noun])


def list_shared_attributes(products: pd.DataFrame) -> list[str]:
    """Return the attributes whose values most products share with others, the category first."""
    attributes = []
    for name in products:
        values = products[name]
        if name in HIDDEN_COLUMNS or not pd.api.types.is_string_dtype(values):
            continue
        counts = values[values != ""].value_counts()
        if len(counts) > 1 and counts[counts > 1].sum() > counts.sum() / 2:
            attributes.append(str(name))
    return sorted(attributes, key=lambda name: name != "category")


def find_criterion(
    catalogue: Catalogue, terms: Sequence[Term], attribute: str, among: Selection | None
) -> Criterion | None:
    """Return what makes a result of a query right, or None if nothing `among` the products does.

    A product expects its own value of the attribute, and words the values that they name. With
    both, words come first: "red" with a white sock expects red socks. Words that are pushed away
    withdraw the value that they name.
    """
    products, names = catalogue.products, list_shared_attributes(catalogue.products)
    values = {}
    pictures = [term for term in terms if term.role in ("product", "picture")]
    product = pictures[0].value if pictures and pictures[0].kind == "product" else ""
    if product and (value := str(products[attribute][product])):
        values[attribute] = value
    for term in terms:
        if term.role == "text":
            values |= find_named_values(term.value, products, names)
    for term in terms:
        if term.role == "minus":
            unwanted = find_named_values(term.value, products, names)
            values = {name: text for name, text in values.items() if unwanted.get(name) != text}
    order = sorted(values, key=names.index)  # the category first
    values = {name: values[name] for name in order}
    in_query = [term.value for term in terms if term.kind == "product"]
    return make_criterion(products, values, in_query, among)


def make_criterion(
    products: pd.DataFrame,
    values: Mapping[str, str],
    leave_out: Collection[str] = (),
    among: Selection | None = None,
) -> Criterion | None:
    """Return the criterion of a query with these values, or None unless products fulfil it.

    `leave_out` are the ids of products that are not counted, because they are no results; only
    those in `among` are.
    """
    if not values or not all(values.values()):
        return None
    is_right = np.ones(len(products), bool) if among is None else among.mask.copy()
    for name, text in values.items():
        is_right &= (products[name] == text).to_numpy()
    possible = int((is_right & ~products.index.isin(leave_out)).sum())
    return Criterion(values, possible) if possible > 0 else None


def mark_wrong(criterion: Criterion, rows: Sequence[ProductRow]) -> list[bool]:
    """Return which results of a ranking, given by their attributes, are wrong.

    A result is wrong if it has another value although a right one was still to come: after the
    last right product there is nothing better to show, and a product without a value may be right.
    """
    remaining, wrong = criterion.possible, []
    for row in rows:
        differs = any(row[name] not in ("", text) for name, text in criterion.values.items())
        wrong.append(differs and remaining > 0)
        remaining -= criterion.is_met(row)
    return wrong


def find_named_values(
    text: str, products: pd.DataFrame, attributes: Sequence[str]
) -> dict[str, str]:
    """Return the attribute values that a text names, such as {"category": "dress"}.

    Singular and plural count as equal, and the longest value of each attribute is taken. A text
    with a negation names nothing, because its words are not what is asked for.
    """
    words = _split_words(text)
    if NEGATIONS & set(words):
        return {}
    values = {}
    for name in attributes:
        candidates = [
            (len(parts), value)
            for value in products[name].unique()
            if value and (parts := _split_words(value)) and _contains(words, parts)
        ]
        if candidates:
            values[name] = max(candidates)[1]
    return values


@lru_cache(maxsize=10_000)  # a catalogue's values, which each text is compared with
def _split_words(text: str) -> tuple[str, ...]:
    """Split a text into words in lower case, each in the singular."""
    return tuple(singularise(word) for word in re.findall(r"\w+", text.lower()))


def _contains(words: Sequence[str], parts: Sequence[str]) -> bool:
    size = len(parts)
    return any(tuple(words[i : i + size]) == tuple(parts) for i in range(len(words) - size + 1))
