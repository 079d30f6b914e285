"""What sessions share: opened catalogues, and what was measured of them."""

from pathlib import Path

import streamlit as st

from similarity.catalogue import catalogues_folder
from similarity.measures.overlaps import Overlaps, stored_overlaps
from similarity.search import Catalogue, open_catalogue


def shared_catalogue(name: str) -> Catalogue:
    """A built catalogue, opened once for all sessions, and again after it was rebuilt."""
    return _open(catalogues_folder() / name)


@st.cache_resource(max_entries=4, show_spinner=False, validate=Catalogue.is_current)
def _open(folder: Path) -> Catalogue:
    return open_catalogue(folder)


def shared_overlaps(catalogue: Catalogue) -> Overlaps:
    """What a build stored of where methods differ, read once. Raises as stored_overlaps does."""
    return _overlaps(catalogue.generation.pointer, catalogue)


@st.cache_resource(max_entries=4, show_spinner=False)
def _overlaps(pointer: bytes, _catalogue: Catalogue) -> Overlaps:
    return stored_overlaps(_catalogue)
