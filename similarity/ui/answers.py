"""Every method's answer to a query, as columns of pictures."""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from statistics import median
from time import perf_counter

import streamlit as st
from PIL import Image

from similarity.errors import SimilarityError
from similarity.indexes import Rows
from similarity.methods import METHODS
from similarity.pictures import read_picture
from similarity.search import Catalogue, Hit, embedder
from similarity.ui import query as url
from similarity.ui.gallery import Asked, Column, Picture, attributes, gallery, pictures
from similarity.ui.plain import counted, plain

FIRST_MODEL = "Searching… the first words or picture after a start load a model, some ten seconds."
KEPT = 64  # embedded queries a session
RECENT = 25  # searches of which the median is shown


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


def cells(catalogue: Catalogue, hits: list[Hit], query: url.Query) -> list[Picture]:
    """Hits as pictures; a rank that is shared with an equal score, shown or not, says so by '='."""
    products = catalogue.products
    like = attributes(products.loc[query.value].to_dict()) if query.kind == "product" else {}
    shown = pictures(catalogue.name, products, [hit.product for hit in hits], like)
    return [
        replace(cell, rank=f"{hit.rank}{'=' if hit.tied else ''}", score=f"{hit.score:.3f}")
        for cell, hit in zip(shown, hits, strict=True)
    ]


def column(
    catalogue: Catalogue, key: str, query: url.Query, k: int, decoded: Callable[[], Image.Image]
) -> Column:
    """A method's column: its pictures, or why there are none."""
    method = METHODS[key]
    facts = [method.summary, method.weights, f"Licence: {method.licence}"]
    made = Column(key, title=method.title, family=method.family, about=method.summary, facts=facts)
    try:
        found = answer(catalogue, key, query, k, decoded)
    except SimilarityError as error:
        return replace(made, message=str(error), failed=True)
    time, times = _timed(catalogue, key, found)
    same, category = _share(catalogue, query, found.hits)
    return replace(
        made,
        pictures=cells(catalogue, found.hits, query),
        time=time,
        facts=[*facts, times],
        same=same,
        category=category,
    )


def _timed(catalogue: Catalogue, key: str, found: Answer) -> tuple[str, str]:
    """The median time of this visitor's recent searches, in short and as a sentence."""
    kept = st.session_state.setdefault("searches", {})
    recent = kept.setdefault((catalogue.name, key), deque(maxlen=RECENT))
    recent.append(found.search)
    time = f"{median(recent):.1f} ms"
    said = f"Search: {time}"
    said += f", the median of your last {len(recent)} searches." if len(recent) > 1 else "."
    if found.embedding is not None:
        said += f" Embedding the query came before: {found.embedding:.0f} ms."
    return time, said


def _share(catalogue: Catalogue, query: url.Query, hits: Sequence[Hit]) -> tuple[str, str]:
    """How many of the hits are in the query's category, where it has one."""
    categories = catalogue.products["category"]
    category = categories[query.value] if query.kind == "product" else ""
    if not category:
        return "", ""
    same = sum(categories[[hit.product for hit in hits]] == category)
    return f"{same} of {len(hits)}", category


def show_answers(
    catalogue: Catalogue, methods: list[str], query: url.Query, what: Asked, k: int
) -> list[Column]:
    """Every chosen method's answer, side by side; a click makes a picture the query.

    `what` is the query as the page shows it.
    """
    if not methods:
        st.info("Choose at least one method to see its answers.")
        return []
    able = [key for key in methods if query.kind != "text" or METHODS[key].answers_text]
    if not able:
        readers = [METHODS[key].title for key in catalogue.methods if METHODS[key].answers_text]
        which = f"Choose {listed(readers, 'or')} above" if readers else "No method built here can"
        st.info(plain(f"None of the chosen methods can read words. {which}."))
        return []
    if mute := [METHODS[key].title for key in methods if key not in able]:
        st.caption(plain(f"{listed(mute)} can't read words."))

    @cache  # once for all methods, and only if one needs it
    def decoded() -> Image.Image:
        assert query.own is not None
        return read_picture(query.own.content)

    waiting = st.spinner(FIRST_MODEL, show_time=True) if query.kind != "product" else nullcontext()
    with waiting:
        columns = [column(catalogue, key, query, k, decoded) for key in able]
    total = sum(len(column.pictures) for column in columns)
    gallery(
        url.key("answers"),
        columns,
        "columns",
        said=f"{what.lead} {what.text}: {counted(total, 'picture', 'pictures')} by "
        f"{listed([column.title for column in columns])}.",
        on_pick=lambda product: url.ask("product", product),
        on_look=lambda key, product: st.session_state.update(looked=(key, product)),
    )
    return columns


def listed(names: list[str], last: str = "and") -> str:
    """Names as a sentence has them: 'a, b and c'."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
