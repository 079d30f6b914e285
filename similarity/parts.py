"""The parts of a query, their weights, and the links that name them.

A method's vector for a query is the sum of its parts' unit vectors, each multiplied by its weight:
Rocchio's formula (1971, in Salton, The SMART Retrieval System), with the weights of Salton and
Buckley (1990, doi:10.1002/(SICI)1097-4571(199006)41:4<288::AID-ASI8>3.0.CO;2-H). What is
looked for counts 1 in all, "more like this" MORE in all, and what is pushed away -LESS in all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs

from similarity.errors import SimilarityError

Kind = Literal["product", "picture", "text"]

MAX_PARTS = 16
MORE, LESS = 0.75, 0.25
DEFAULT_BALANCE = 50  # % of what is looked for that counts for words, if it also has pictures

KINDS: dict[str, Kind] = {  # of a term, by its role, which is a parameter of links
    "product": "product",
    "picture": "picture",
    "text": "text",
    "more": "product",
    "minus": "text",
    "less": "product",
}
UNWANTED = ("minus", "less")


@dataclass(frozen=True)
class Part:
    """A product's id, a picture (PIL image, path or content of a file) or a text, with its weight.

    A negative weight pushes away what is similar to it.
    """

    kind: Kind
    value: Any
    weight: float = 1.0


class Term(NamedTuple):
    """A part as a link names it: the name of the parameter, and its value."""

    role: str
    value: str

    @property
    def kind(self) -> Kind:
        """What the value is."""
        return KINDS[self.role]

    @property
    def identity(self) -> tuple[Kind, str]:
        """What the same part has in every role."""
        return self.kind, self.value.casefold()


def weigh(terms: Sequence[Term], balance: int = DEFAULT_BALANCE) -> list[Part]:
    """Return terms as parts with weights.

    If pictures and words are looked for, the words count `balance` percent.
    """
    roles = [term.role for term in terms]
    texts, pictures = roles.count("text"), roles.count("product") + roles.count("picture")
    share = balance / 100 if texts and pictures else 1.0
    more, unwanted = roles.count("more"), roles.count("minus") + roles.count("less")

    def get_weight(role: str) -> float:
        if role == "more":
            return MORE / more
        if role in UNWANTED:
            return -LESS / unwanted
        if role == "text":
            return share / texts
        return (1 - share if texts else 1.0) / pictures

    return [Part(term.kind, term.value, get_weight(term.role)) for term in terms]


def clean_terms(terms: Iterable[Term]) -> tuple[list[Term], str]:
    """Return the terms that make a query in the order of KINDS, and why others were left out."""
    distinct = sorted(dict.fromkeys(terms), key=lambda term: list(KINDS).index(term.role))
    looked_for = {term.identity for term in distinct if term.role not in UNWANTED}
    clean = [t for t in distinct if t.role not in UNWANTED or t.identity not in looked_for]
    remark = ""
    if len(clean) < len(distinct):
        remark = "A part can't be both wanted and avoided, so it stays wanted."
    if len(clean) > MAX_PARTS:
        clean = clean[:MAX_PARTS]
        remark = f"A query can have {MAX_PARTS} parts; only the first {MAX_PARTS} are used."
    if clean and all(term.role in UNWANTED for term in clean):
        return [], "A query needs something to look for, not only what to avoid."
    if clean and all(term.role in (*UNWANTED, "more") for term in clean):
        clean[0] = Term("product", clean[0].value)  # there is nothing that it is more of
    return clean, remark


def check_parts(parts: Sequence[Part]) -> None:
    """Raise SimilarityError for no parts, too many, or a weight that is not a finite number."""
    if not 1 <= len(parts) <= MAX_PARTS:
        raise SimilarityError(
            f"This query has {len(parts)} parts. It needs at least 1 and at most {MAX_PARTS}."
        )
    for part in parts:
        if part.kind not in ("product", "picture", "text"):
            raise SimilarityError(
                f"A part can't be a '{part.kind}': choose product, picture or text."
            )
        if not abs(part.weight) < 1e6:  # also refuses what is not a number
            raise SimilarityError(
                f"A part has the weight {part.weight}: choose a number such as 1 or -0.25."
            )


def read_link(link: str) -> list[Part]:
    """Return the parts of the query in a link to Compare, with their weights.

    Raises SimilarityError for a link without a query, with contradictory parts, or with a picture,
    which only the session that uploaded it has.
    """
    values = parse_qs(link.partition("?")[2] or link)
    terms = [Term(role, value) for role in KINDS for value in values.get(role, ())]
    clean, remark = clean_terms(terms)
    if any(term.kind == "picture" for term in clean):
        raise SimilarityError(
            "This link asks for an uploaded picture, which links don't hold. Pass the file as "
            "a part instead."
        )
    if remark:
        raise SimilarityError(remark)
    if not clean:
        raise SimilarityError("This link has no query. Copy it from Compare.")
    return weigh(clean, read_balance(values.get("balance", [""])[-1]))


def read_balance(text: str) -> int:
    """Return the percentage in a link, or the default for anything else."""
    is_number = text.isascii() and text.isdigit() and len(text) <= 3
    return min(int(text), 100) if is_number else DEFAULT_BALANCE
