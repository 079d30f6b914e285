"""The evidence for a decision, read once for all visitors until there is more."""

from pathlib import Path

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.decisions.evidence import Evidence, load_evidence
from similarity.errors import SimilarityError
from similarity.judgments.store import Judgments

REFRESH_INTERVAL = 30  # s in which a vote that was closed may be missing


def get_evidence(catalogue: Catalogue) -> Evidence:
    """Return what a catalogue's methods were measured by."""
    try:
        revision = Judgments(catalogue.folder).get_revision()
    except SimilarityError:  # Accuracy says what is wrong with them
        revision = (0, 0, 0)
    return _load_evidence(catalogue.folder, catalogue.generation.pointer, revision, catalogue)


@st.cache_resource(max_entries=8, ttl=REFRESH_INTERVAL, show_spinner="Reading the evidence")
def _load_evidence(
    folder: Path, pointer: bytes, revision: tuple[int, int, int], _catalogue: Catalogue
) -> Evidence:
    return load_evidence(_catalogue)
