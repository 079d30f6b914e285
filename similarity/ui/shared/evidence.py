"""The evidence for a decision, read once for all visitors until there is more."""

from pathlib import Path

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.decisions.evidence import Evidence, load_evidence
from similarity.errors import SimilarityError
from similarity.judgments.store import Judgments
from similarity.votes.closed import list_closed_votes
from similarity.votes.database import get_votes_folder
from similarity.votes.store import Votes

REFRESH_INTERVAL = 30  # s in which a vote that was closed may be missing


def get_evidence(catalogue: Catalogue) -> Evidence:
    """Return what a catalogue's methods were measured by."""
    try:
        revision: object = Judgments(catalogue.folder).get_revision()
    except SimilarityError:  # Accuracy says what is wrong with them
        revision = None
    votes = [
        (each.name, each.get_revision())
        for each in get_closed_votes(catalogue)
        if each.is_current()
    ]
    pointer = catalogue.generation.pointer
    return _load_evidence(catalogue.folder, pointer, (revision, votes), catalogue)


@st.cache_resource(max_entries=8, show_spinner="Reading the evidence")
def _load_evidence(
    folder: Path, pointer: bytes, revisions: object, _catalogue: Catalogue
) -> Evidence:
    return load_evidence(_catalogue)


def get_closed_votes(catalogue: Catalogue) -> list[Votes]:
    """Return the closed votes on a catalogue, the newest first."""
    return _list_votes(get_votes_folder(), catalogue.name)


@st.cache_resource(max_entries=8, ttl=REFRESH_INTERVAL, show_spinner=False)
def _list_votes(folder: Path, catalogue: str) -> list[Votes]:
    return list_closed_votes(catalogue)
