"""What sessions share: opened catalogues."""

from pathlib import Path

import streamlit as st

from similarity.catalogue import catalogues_folder
from similarity.search import Catalogue, open_catalogue


def shared_catalogue(name: str) -> Catalogue:
    """A built catalogue, opened once for all sessions, and again after it was rebuilt."""
    return _open(catalogues_folder() / name)


@st.cache_resource(max_entries=4, show_spinner=False, validate=Catalogue.is_current)
def _open(folder: Path) -> Catalogue:
    return open_catalogue(folder)
