"""What sessions share: opened catalogues, and the answers to pictures and texts."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import streamlit as st

from similarity.catalogue import catalogues_folder
from similarity.methods import METHODS
from similarity.search import Catalogue, Hit, embedder, open_catalogue


@dataclass(frozen=True)
class Answer:
    """What one method answered, and how long its search took in milliseconds."""

    hits: list[Hit]
    milliseconds: float


def shared_catalogue(name: str) -> Catalogue:
    """A built catalogue, opened once for all sessions, and again after it was rebuilt."""
    return _open(catalogues_folder() / name)


@st.cache_resource(max_entries=4, show_spinner=False, validate=Catalogue.is_current)
def _open(folder: Path) -> Catalogue:
    return open_catalogue(folder)


def answer(catalogue: Catalogue, method: str, k: int, **query: str | bytes) -> Answer:
    """Search and time it. Opening the index and loading a model are not the search's time.

    `query` is one of product, text and image, as for Catalogue.search.
    """
    catalogue.index(method)
    if "product" not in query:
        embedder(METHODS[method])
    started = perf_counter()
    hits = catalogue.search(method, k=k, **query)  # type: ignore[arg-type]
    return Answer(hits, (perf_counter() - started) * 1000)
