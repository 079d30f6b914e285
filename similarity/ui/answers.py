"""Every method's answer to a query, as columns of pictures."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from time import perf_counter

import streamlit as st
from PIL import Image

from similarity.errors import SimilarityError
from similarity.indexes import Rows
from similarity.methods import METHODS
from similarity.pictures import read_picture
from similarity.search import Catalogue, Hit, embedder
from similarity.ui import query as url
from similarity.ui.gallery import Column, Picture, gallery, pictures

FIRST_MODEL = "Searching… the first words or picture after a start load a model, some ten seconds."
KEPT = 64  # embedded queries a session


@dataclass(frozen=True)
class Answer:
    """What one method answered; milliseconds of its search, and of embedding unless stored."""

    hits: list[Hit]
    search: float
    embedding: float | None = None

    @property
    def time(self) -> str:
        """As a person reads it."""
        search = f"search {self.search:.1f} ms"
        return search if self.embedding is None else f"embedding {self.embedding:.0f} ms · {search}"


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


def cells(catalogue: Catalogue, hits: list[Hit]) -> list[Picture]:
    """Hits as pictures; a rank that is shared with an equal score, shown or not, says so by '='."""
    shown = pictures(catalogue.name, catalogue.products, [hit.product for hit in hits])
    return [
        replace(
            cell,
            rank=f"{hit.rank}{'=' if hit.tied else ''}",
            score=f"cosine {hit.score:.3f}",
        )
        for cell, hit in zip(shown, hits, strict=True)
    ]


def column(
    catalogue: Catalogue, key: str, query: url.Query, k: int, decoded: Callable[[], Image.Image]
) -> Column:
    """A method's column: its pictures, or why there are none."""
    method = METHODS[key]
    made = Column(
        key,
        title=method.title,
        family=method.family,
        about=method.summary,
        weights=method.weights,
        licence=method.licence,
    )
    if query.kind == "text" and not method.answers_text:
        message = "This method compares pictures only: it has no way to read words."
        return replace(made, message=message)
    try:
        found = answer(catalogue, key, query, k, decoded)
    except SimilarityError as error:
        return replace(made, message=str(error), failed=True)
    return replace(made, pictures=cells(catalogue, found.hits), time=found.time)


def show_answers(catalogue: Catalogue, methods: list[str], query: url.Query, k: int) -> None:
    """Every chosen method's answer, side by side; a click makes a picture the query."""
    if not methods:
        st.info("Choose at least one method to see its answers.")
        return

    @cache  # once for all methods, and only if one needs it
    def decoded() -> Image.Image:
        assert query.own is not None
        return read_picture(query.own.content)

    waiting = st.spinner(FIRST_MODEL, show_time=True) if query.kind != "product" else nullcontext()
    with waiting:
        columns = [column(catalogue, key, query, k, decoded) for key in methods]
    selected = query.value if query.kind == "product" else ""
    gallery(
        url.key("answers"), columns, "columns", selected, on_pick=lambda p: url.ask("product", p)
    )
