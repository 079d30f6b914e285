"""Votes that sessions share, and what was computed of their answers."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.ui.shared.caches import shared_catalogue
from similarity.ui.shared.plain import refuse
from similarity.votes.results import Results, results
from similarity.votes.store import Votes


def opened() -> tuple[Votes, Catalogue]:
    """The vote of this address and its catalogue. Without them the page ends with what to do."""
    try:
        votes = _votes(st.query_params.get("vote", ""))
        return votes, shared_catalogue(votes.setup.catalogue)
    except SimilarityError as error:
        refuse("This vote can't be opened.", explain_error(error))
        st.stop()


@st.cache_resource(max_entries=32, show_spinner=False, validate=Votes.is_there)
def _votes(name: str) -> Votes:
    return Votes(name)


def gone(votes: Votes, catalogue: Catalogue) -> int:
    """How many products of a vote its catalogue no longer has."""
    return _gone(votes.name, catalogue.generation.pointer, votes, catalogue)


@st.cache_data(max_entries=32, show_spinner=False)
def _gone(name: str, pointer: bytes, _votes: Votes, _catalogue: Catalogue) -> int:
    return len(_votes.setup.products() - set(_catalogue.products.index))


def shared_results(votes: Votes) -> Results | None:
    """What the answers say, computed once for all who look; as `results` otherwise."""
    return _results(votes.name, votes.revision(), votes)


@st.cache_resource(max_entries=16, show_spinner=False)
def _results(name: str, revision: tuple[int, float], _votes: Votes) -> Results | None:
    return results(_votes.setup, _votes.cast())
