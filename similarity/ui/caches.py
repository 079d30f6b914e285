"""What sessions share: opened catalogues, and the answers to pictures and texts."""

from dataclasses import dataclass
from time import perf_counter

import streamlit as st

from similarity.catalogue import FACTS, catalogues_folder
from similarity.indexes import MANIFEST, index_place
from similarity.methods import METHODS
from similarity.search import Catalogue, Hit, embedder, open_catalogue


@dataclass(frozen=True)
class Answer:
    """What one method answered, and how long its search took in milliseconds."""

    hits: list[Hit]
    milliseconds: float


def shared_catalogue(name: str) -> Catalogue:
    """A built catalogue, opened once for all sessions, and again after it was rebuilt."""
    folder = catalogues_folder() / name
    files = [
        folder / FACTS,
        *(folder / index_place(method) / MANIFEST for method in METHODS.values()),
    ]
    return _open(name, tuple(f.stat().st_mtime_ns if f.exists() else 0 for f in files))


@st.cache_resource(max_entries=4, show_spinner=False)
def _open(name: str, built: tuple[int, ...]) -> Catalogue:
    return open_catalogue(name)


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
