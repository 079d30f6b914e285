"""Caches of votes that sessions share, and of their results."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.ui.shared.caches import get_catalogue
from similarity.ui.shared.plain import show_error
from similarity.votes.results import Results, compute_results
from similarity.votes.store import Votes


def open_vote() -> tuple[Votes, Catalogue]:
    """Return the vote in the URL and its catalogue, or show an error and stop."""
    try:
        votes = _open_votes(st.query_params.get("vote", ""))
        return votes, get_catalogue(votes.setup.catalogue)
    except SimilarityError as error:
        show_error("This vote can't be opened.", explain_error(error))
        st.stop()


@st.cache_resource(max_entries=32, show_spinner=False, validate=Votes.is_current)
def _open_votes(name: str) -> Votes:
    return Votes(name)


def count_missing_products(votes: Votes, catalogue: Catalogue) -> int:
    """Return how many products of a vote are no longer in its catalogue."""
    return _count_missing(votes.name, catalogue.generation.pointer, votes, catalogue)


@st.cache_data(max_entries=32, show_spinner=False)
def _count_missing(name: str, pointer: bytes, _votes: Votes, _catalogue: Catalogue) -> int:
    return len(_votes.setup.list_products() - set(_catalogue.products.index))


def get_results(votes: Votes) -> Results | None:
    """Return a vote's results, computed once for all visitors; None without votes."""
    return _compute_results(votes.name, votes.get_revision(), votes)


@st.cache_resource(max_entries=16, show_spinner=False)
def _compute_results(name: str, revision: tuple[int, float], _votes: Votes) -> Results | None:
    return compute_results(_votes.setup, _votes.list_votes())
