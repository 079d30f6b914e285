"""One method's answer to a query: searched each time, embedded once a session."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue, Hit
from similarity.embedding import backbone_features, embedder, ready
from similarity.indexes import Rows
from similarity.methods import Method, Vectors
from similarity.threads import one_thread
from similarity.ui.shared import query as url

KEPT = 64  # embedded queries a session


@dataclass(frozen=True)
class Answer:
    """What one method answered; milliseconds of its search, and of embedding unless stored."""

    hits: list[Hit]
    search: float
    embedding: float | None = None


def answer(
    catalogue: Catalogue,
    method: Method,
    query: url.Query,
    k: int,
    decoded: Callable[[], Image.Image],
) -> Answer:
    """One method's answer. Opening an index, loading a model and decoding are not its time.

    A text or a picture is embedded once a session and method; `decoded` gives the picture.
    """
    catalogue.index(method)
    if query.kind == "product":
        started = perf_counter()
        hits = catalogue.neighbours(method, query.value, k)
        return Answer(hits, (perf_counter() - started) * 1000)
    if query.own:
        row, embedding = picture_row(catalogue, method, query.value, decoded)
    else:
        row, embedding = _text_row(catalogue, method, query.value)
    started = perf_counter()
    hits = catalogue.nearest(method, row, k)
    return Answer(hits, (perf_counter() - started) * 1000, embedding)


def _text_row(catalogue: Catalogue, method: Method, text: str) -> tuple[Rows, float]:
    embedder(method)
    name = (method.key, method.revision, "text", text)
    return _once(name, lambda: catalogue.query_row(method, text=text))


def picture_row(
    catalogue: Catalogue, method: Method, called: str, decoded: Callable[[], Image.Image]
) -> tuple[Rows, float]:
    """A picture's row by a method, and the milliseconds that making it took.

    It is made once a session and method for all pictures that are `called` the same. What a
    backbone makes of one is computed once for all methods that stand on it; the time counts for
    each of them, since each alone would take it.
    """
    by = method.pictures_by or method
    name = (by.key, by.revision, "picture", called)
    if name in _kept():
        return _kept()[name]
    ready(by)
    picture, seen, before = decoded(), None, 0.0
    if by.backbone:
        shared = (by.backbone.key, called)
        seen, before = _once(shared, lambda: _features(by, picture))
    row, after = _once(name, lambda: catalogue.query_row(method, image=picture, features=seen))
    _kept()[name] = row, before + after
    return _kept()[name]


def _features(method: Method, picture: Image.Image) -> Vectors:
    with one_thread():
        return backbone_features(method, [picture])


def _kept() -> dict[tuple[str, ...], tuple[Any, float]]:
    """What this session has computed, and the milliseconds that it took."""
    return st.session_state.setdefault("embedded", {})


def _once(name: tuple[str, ...], compute: Callable[[], Any]) -> tuple[Any, float]:
    """Compute something the first time that it is asked for, and time it."""
    kept = _kept()
    if name not in kept:
        started = perf_counter()
        found = compute()
        kept[name] = found, (perf_counter() - started) * 1000
        while len(kept) > KEPT:
            del kept[next(iter(kept))]
    return kept[name]
