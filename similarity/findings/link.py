"""The link of a finding: a page and its parameters, relative to the app."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from similarity.parts import KINDS, Term, clean_terms

MAX_LINK = 8000  # characters, about what browsers and proxies take
COMPARE = "compare"


@dataclass(frozen=True)
class Link:
    """A page and the values of its parameters, by name."""

    page: str
    parameters: dict[str, list[str]]

    def get(self, name: str) -> str:
        """Return a parameter's last value, empty without one."""
        return self.parameters.get(name, [""])[-1]

    def list_names(self, name: str) -> list[str]:
        """Return a parameter's values that are separated by commas."""
        return [each for each in self.get(name).split(",") if each]

    @property
    def terms(self) -> list[Term]:
        """The parts of the query."""
        terms = [Term(role, text) for role in KINDS for text in self.parameters.get(role, ())]
        return clean_terms(term for term in terms if term.value.strip())[0]

    @property
    def has_words(self) -> bool:
        """Whether a method has to read words to answer."""
        return any(term.kind == "text" for term in self.terms)

    @property
    def is_complete(self) -> bool:
        """Whether it says all that was asked: uploaded pictures aren't kept in links."""
        return not any(term.kind == "picture" for term in self.terms)

    def ask(self, product: str) -> "Link":
        """Return the link that asks for a product instead."""
        others = {n: texts for n, texts in self.parameters.items() if n not in (*KINDS, "balance")}
        return Link(self.page, others | {"product": [product]})

    def __str__(self) -> str:
        return f"{self.page}?{urlencode(self.parameters, doseq=True)}"


def parse_link(text: str) -> Link:
    """Return the link that `str` wrote."""
    page, _, query = text.partition("?")
    return Link(page, parse_qs(query))
