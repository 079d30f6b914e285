"""One method's answer to a query: searched each time, embedded once a session."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import streamlit as st
from PIL import Image

from similarity.indexes import Rows
from similarity.methods import METHODS
from similarity.search import Catalogue, Hit, embedder
from similarity.ui import query as url

KEPT = 64  # embedded queries a session


@dataclass(frozen=True)
class Answer:
    """What one method answered; milliseconds of its search, and of embedding unless stored."""

    hits: list[Hit]
    search: float
    embedding: float | None = None


def answer(
    catalogue: Catalogue, key: str, query: url.Query, k: int, decoded: Callable[[], Image.Image]
) -> Answer:
    """One method's answer. Opening an index, loading a model and decoding are not its time.

    A text or a picture is embedded once a session and method; `decoded` gives the picture.
    """
    catalogue.index(key)
    if query.kind == "product":
        started = perf_counter()
        hits = catalogue.search(key, product=query.value, k=k)
        return Answer(hits, (perf_counter() - started) * 1000)
    row, embedding = _embedded(catalogue, key, query, decoded)
    started = perf_counter()
    hits = catalogue.search_row(key, row, k)
    return Answer(hits, (perf_counter() - started) * 1000, embedding)


def _embedded(
    catalogue: Catalogue, key: str, query: url.Query, decoded: Callable[[], Image.Image]
) -> tuple[Rows, float]:
    """The query's row, and the milliseconds that making it took."""
    method = METHODS[key]
    kept = st.session_state.setdefault("embedded", {})
    name = (key, method.revision, query.kind, query.value)
    if name not in kept:
        embedder(method)
        image, text = (decoded(), None) if query.own else (None, query.value)
        started = perf_counter()
        row = catalogue.query_row(key, image=image, text=text)
        kept[name] = row, (perf_counter() - started) * 1000
        while len(kept) > KEPT:
            del kept[next(iter(kept))]
    return kept[name]
