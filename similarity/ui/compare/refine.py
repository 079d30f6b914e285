"""Add parts to the query, and remove them."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.parts import Term, clean_terms
from similarity.ui.shared import query as url
from similarity.ui.shared.pickers import list_text_methods
from similarity.ui.shared.search import encode_text

REFUSAL = "refused_part"  # in the session's state: why the last part was not added


def add_term(query: url.Query, term: Term) -> None:
    """Add a part, which replaces the same part with another role."""
    others = [other for other in query.terms if other.identity != term.identity]
    terms, refusal = clean_terms([*others, term])
    if refusal:
        st.session_state[REFUSAL] = refusal
    else:
        url.set_terms(terms, query.balance)


def remove_term(query: url.Query, term: Term) -> None:
    """Remove a part, if something to look for remains."""
    terms, refusal = clean_terms([other for other in query.terms if other != term])
    if not refusal:
        url.set_terms(terms, query.balance)


def add_words(catalogue: Catalogue, query: url.Query, term: Term) -> None:
    """Add words, unless no method of the catalogue can read them."""
    refusal = "None of the installed methods can read words. See Methods for those that can."
    for key in list_text_methods(catalogue):
        try:
            encode_text(catalogue, catalogue.resolve_method(key), term.value)
        except SimilarityError as error:
            refusal = f"“{term.value}” can't be used. {explain_error(error)}"
        else:
            add_term(query, term)
            return
    st.session_state[REFUSAL] = refusal


def pop_refusal() -> str:
    """Return why the last part was not added, once; empty if it was."""
    return str(st.session_state.pop(REFUSAL, ""))
