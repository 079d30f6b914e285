"""The state of a page in its URL, so that reload, sharing and the back button work.

Widgets are set from the URL before they are drawn, and update it when a visitor changes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.embedding import LONGEST_TEXT
from similarity.parts import (
    DEFAULT_BALANCE,
    KINDS,
    Part,
    Term,
    clean_terms,
    read_balance,
    weigh,
)
from similarity.ui.shared import uploads
from similarity.ui.shared.uploads import Upload

T = TypeVar("T")

OF_QUERY = (*KINDS, "balance", "differ")  # the URL parameters of a query
SECRET_PARAMETERS = ("vote", "pool", "host", "judge")  # of votes; never passed to other pages

Parameters = dict[str, list[str]]  # of a URL, where each may have several values


@dataclass(frozen=True)
class Query:
    """A query of one or more terms.

    If it looks for pictures and words, the words count `balance` percent.
    """

    terms: tuple[Term, ...]
    balance: int = DEFAULT_BALANCE

    @property
    def kind(self) -> Literal["product", "text", "picture", "combined"]:
        """What the only term is, or "combined"."""
        return self.terms[0].kind if len(self.terms) == 1 else "combined"

    @property
    def value(self) -> str:
        """The product's id, the text or the upload's id; empty for a combined query."""
        return self.terms[0].value if len(self.terms) == 1 else ""

    @property
    def upload(self) -> Upload | None:
        """The uploaded picture that is the query, if it is one."""
        return uploads.find_picture(self.value) if self.kind == "picture" else None

    @property
    def parts(self) -> list[Part]:
        """The terms with their weights."""
        return weigh(self.terms, self.balance)

    @property
    def products(self) -> list[str]:
        """The products that are part of it."""
        return [term.value for term in self.terms if term.kind == "product"]

    @property
    def needs_model(self) -> bool:
        """Whether something of it has to be embedded: all but products."""
        return len(self.products) < len(self.terms)

    @property
    def has_words(self) -> bool:
        """Whether a method has to read words to answer."""
        return any(term.kind == "text" for term in self.terms)

    @property
    def picture(self) -> "Query | None":
        """The first product or upload that it looks for, as a query of its own."""
        pictures = (term for term in self.terms if term.role in ("product", "picture"))
        return next((Query((term,)) for term in pictures), None)

    @property
    def reference(self) -> Literal["pictures", "words"] | None:
        """The random pairs and the recall that its results can be compared with, if any can."""
        return None if self.kind == "combined" else "words" if self.has_words else "pictures"


def make_query(kind: Literal["product", "text", "picture"], value: str) -> Query:
    """Return a query of one term."""
    return Query((Term(kind, value),))


def enter_page(page: str) -> None:
    """Start a page. Visitors from another page keep their query and settings."""
    previous, st.session_state["page"] = st.session_state.get("page", page), page
    if previous != page and not st.query_params:
        st.query_params.from_dict(st.session_state["parameters"])
    st.session_state["parameters"] = get_shared_parameters()


def get_shared_parameters() -> Parameters:
    """Return the URL's parameters for a link to another page: all but the secrets of a vote.

    Without them, the other page would restore them in a second step of the browser's history.
    """
    names = [name for name in st.query_params if name not in SECRET_PARAMETERS]
    return {name: st.query_params.get_all(name) for name in names}


def widget_key(name: str, shape: object = "") -> str:
    """Return a widget's key, unique per page and per `shape`, such as its options.

    Streamlit treats a widget with the same key and other options as a new one, but keeps the
    browser's state of the old one.
    """
    return f"{st.session_state.get('page', 'page')}.{name}{f' of {shape}' if shape else ''}"


def update_url(**changes: str | Sequence[str] | None) -> None:
    """Change the URL in one step of the browser's history; None removes a parameter."""
    updated = {n: st.query_params.get_all(n) for n in st.query_params if n not in changes}
    for name, value in changes.items():
        if value is not None:
            updated[name] = [value] if isinstance(value, str) else list(value)
    st.query_params.from_dict(updated)


def get_number(name: str, default: int) -> int:
    """Return a non-negative integer from the URL, or the default for anything else."""
    text = st.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default


def set_widget(widget: str, value: T) -> T:
    """Set a widget to the URL's value unless it already has it, and return the value.

    Setting it needlessly would overwrite what a visitor is typing. If two runs follow each other
    closely, the browser may only get the second one, which sets nothing, and use the widget's
    default as if the visitor had chosen it; callers therefore pass the return value as the default.
    """
    if widget not in st.session_state or st.session_state[widget] != value:
        st.session_state[widget] = value
    return value


def set_query(kind: str, value: str, **parameters: str) -> None:
    """Set a query of one term; the browser's back button leads to the previous one.

    `parameters` only apply to this query.
    """
    update_url(**dict.fromkeys(OF_QUERY) | {kind: value} | parameters)


def set_terms(terms: Sequence[Term], balance: int) -> None:
    """Set a query of several terms, as `set_query` does."""
    values = {role: [term.value for term in terms if term.role == role] for role in KINDS}
    is_default = balance == DEFAULT_BALANCE
    update_url(
        **dict.fromkeys(OF_QUERY)
        | {role: listed for role, listed in values.items() if listed}
        | ({} if is_default else {"balance": str(balance)})
    )


def get_query(catalogue: Catalogue, default: str) -> tuple[Query, str]:
    """Return the query in the URL, and a remark if some of it isn't available.

    `default` is the product that is the query if nothing of it is.
    """
    remark, terms = "", []
    for role, kind in KINDS.items():
        for value in st.query_params.get_all(role):
            value = value.strip()
            if kind == "text" or not value:
                value = value[:LONGEST_TEXT]
            elif kind == "picture" and uploads.find_picture(value) is None:
                value, remark = "", "Uploads aren't kept in links. Please upload the picture again."
            elif kind == "product" and value not in catalogue.products.index:
                value, remark = "", "This product isn't in the catalogue"
            if value:
                terms.append(Term(role, value))
    clean, contradiction = clean_terms(terms)
    if remark.startswith("This product"):
        remark += "; it is left out." if clean else "; showing another one."
    balance = read_balance(st.query_params.get("balance", ""))
    query = Query(tuple(clean), balance) if clean else make_query("product", default)
    return query, contradiction or remark
