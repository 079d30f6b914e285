"""Answer a query with one method: search every time, embed once per session."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.embedding import compute_backbone_features, load_embedder, prepare_for_pictures
from similarity.filters import Selection
from similarity.hits import Hit
from similarity.indexes import Rows
from similarity.indexes.folding import Folding
from similarity.methods import Method, Vectors
from similarity.threads import one_thread
from similarity.ui.shared import query as url

MAX_EMBEDDED = 64  # per session


@dataclass(frozen=True)
class Answer:
    """One method's hits, the milliseconds of each search, and of embedding unless stored.

    `stand_ins` are the products that stand in for words that the method can't read.
    """

    hits: list[Hit]
    search_ms: list[float]
    embedding_ms: float | None = None
    stand_ins: Mapping[str, str] = field(default_factory=dict)


def find_answer(
    catalogue: Catalogue,
    method: Method,
    query: url.Query,
    k: int,
    decode: Callable[[str], Image.Image],
    *,
    bridge: Method | None = None,
    among: Selection | None = None,
    folding: Folding | None = None,
    repetitions: int = 1,
) -> Answer:
    """Return one method's answer. Times don't include opening an index, loading or decoding.

    The search is repeated for its time: that of a single one is noise. Texts and pictures are
    embedded once per session and method. `decode` returns an uploaded picture. The best result of
    `bridge` for words stands in for them if the method can't read. Results are `among` some
    products, and those that `folding` names share one.
    """
    catalogue.open_index(method)
    stand_ins: dict[str, str] = {}
    if bridge and not method.answers_text:
        for term in query.terms:
            if term.kind == "text":
                row, _ = encode_text(catalogue, bridge, term.value)
                stand_ins[term.value] = catalogue.find_nearest(bridge, row, 1)[0].product
    rows, leave_out, embedding_ms = [], [], []
    for part in query.parts:
        product = part.value if part.kind == "product" else stand_ins.get(part.value)
        if product is not None:
            leave_out.append(product)
            rows.append(catalogue.read_row(method, product))
            continue
        row, time = (
            encode_text(catalogue, method, part.value)
            if part.kind == "text"
            else encode_picture(catalogue, method, part.value, partial(decode, part.value))
        )
        rows.append(row)
        embedding_ms.append(time)
    row = catalogue.combine(method, rows, [part.weight for part in query.parts])
    hits, search_ms = _time(
        lambda: catalogue.find_nearest(
            method, row, k, leave_out=leave_out, among=among, folding=folding
        ),
        repetitions,
    )
    return Answer(hits, search_ms, sum(embedding_ms) if embedding_ms else None, stand_ins)


def _time(search: Callable[[], list[Hit]], repetitions: int) -> tuple[list[Hit], list[float]]:
    """Return the hits of a search, and the milliseconds of each repetition."""
    hits: list[Hit] = []
    times = []
    for _ in range(repetitions):
        started = perf_counter()
        hits = search()
        times.append((perf_counter() - started) * 1000)
    return hits, times


def encode_text(catalogue: Catalogue, method: Method, text: str) -> tuple[Rows, float]:
    """Return a text's row by a method, and the milliseconds of computing it, once per session."""
    load_embedder(method.texts_by or method)
    name = (method.key, method.revision, "text", text)
    return _compute_once(name, lambda: catalogue.encode_query(method, text=text))


def encode_picture(
    catalogue: Catalogue, method: Method, picture_name: str, decode: Callable[[], Image.Image]
) -> tuple[Rows, float]:
    """Return a picture's row by a method, and the milliseconds of computing it.

    It is computed once per session and method for a `name`. Backbone features are computed once for
    all methods that share a backbone, and their time counts for each of them.
    """
    owner = method.pictures_by or method
    key = (owner.key, owner.revision, "picture", picture_name)
    if key in _get_embedded():
        return _get_embedded()[key]
    prepare_for_pictures(owner)
    picture, features, features_ms = decode(), None, 0.0
    if owner.backbone:
        features_key = (owner.backbone.key, picture_name)
        features, features_ms = _compute_once(
            features_key, lambda: _compute_features(owner, picture)
        )
    row, row_ms = _compute_once(
        key, lambda: catalogue.encode_query(method, image=picture, features=features)
    )
    _get_embedded()[key] = row, features_ms + row_ms
    return _get_embedded()[key]


def _compute_features(method: Method, picture: Image.Image) -> Vectors:
    with one_thread():
        return compute_backbone_features(method, [picture])


def _get_embedded() -> dict[tuple[str, ...], tuple[Any, float]]:
    """Return what this session has embedded, with the milliseconds that it took."""
    return st.session_state.setdefault("embedded", {})


def _compute_once(key: tuple[str, ...], compute: Callable[[], Any]) -> tuple[Any, float]:
    """Compute a value unless it is cached, and time it."""
    embedded = _get_embedded()
    if key not in embedded:
        started = perf_counter()
        value = compute()
        embedded[key] = value, (perf_counter() - started) * 1000
        while len(embedded) > MAX_EMBEDDED:
            del embedded[next(iter(embedded))]
    return embedded[key]
