"""Every method's answer to a query, as columns of pictures."""

from collections import deque
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from statistics import median

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue, Hit
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.measures.metrics.verdict import listed
from similarity.methods import METHODS, Method
from similarity.pictures import read_picture
from similarity.ui.compare.agreement import agreement, compared, walk
from similarity.ui.shared import query as url
from similarity.ui.shared.answering import Answer, answer
from similarity.ui.shared.columns import cells, headed
from similarity.ui.shared.gallery import Asked, Column, gallery
from similarity.ui.shared.nearness import measured
from similarity.ui.shared.plain import counted, plain
from similarity.ui.shared.shortcut import finds, shortcut

FIRST_MODEL = "Searching… the first words or picture after a start load a model, some ten seconds."
RECENT = 25  # searches of which the median is shown


def column(
    catalogue: Catalogue, method: Method, query: url.Query, found: Answer, weak: int
) -> Column:
    """A method's column with its pictures."""
    index = catalogue.index(method)
    known = index.pairs["words" if query.kind == "text" else "pictures"]
    time, times = _timed(catalogue, method.key, found)
    same, category = _share(catalogue, query, found.hits)
    shown = cells(catalogue, found.hits, query, known, weak)
    made = headed(method)
    return replace(
        made,
        pictures=shown,
        time=time,
        finds=finds(index, query),
        facts=[*made.facts, times, *shortcut(index, query), *measured(known, query)],
        same=same,
        taught="(labels seen)" if same and method.labels else "",
        category=category,
        message=f"No good match: the first is {shown[0].near}." if shown and shown[0].weak else "",
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
    catalogue: Catalogue, methods: list[Method], query: url.Query, what: Asked, k: int, weak: int
) -> list[Column]:
    """Every chosen method's answer, side by side; a click makes a picture the query.

    `what` is the query as the page shows it, `weak` the percentage of random pairs that a match
    has to be nearer than.
    """
    if not methods:
        st.info("Choose at least one method to see its answers.")
        return []
    able = [method for method in methods if query.kind != "text" or method.answers_text]
    if not able:
        readers = [METHODS[key].title for key in catalogue.methods if METHODS[key].answers_text]
        which = f"Choose {listed(readers, 'or')} above" if readers else "No method built here can"
        st.info(plain(f"None of the chosen methods can read words. {which}."))
        return []

    @cache  # once for all methods, and only if one needs it
    def decoded() -> Image.Image:
        assert query.own is not None
        return read_picture(query.own.content)

    found: dict[str, Answer] = {}
    refused: dict[str, str] = {}
    waiting = st.spinner(FIRST_MODEL, show_time=True) if query.kind != "product" else nullcontext()
    with waiting:
        for method in able:
            try:
                found[method.key] = answer(catalogue, method, query, k, decoded)
            except SimilarityError as error:
                refused[method.key] = explain_error(error)
    hits = {key: found[key].hits for key in found if found[key].hits}
    columns = compared(
        [
            column(catalogue, method, query, found[method.key], weak)
            if method.key in found
            else replace(headed(method), message=refused[method.key], failed=True)
            for method in able
        ],
        hits,
    )
    total = sum(len(column.pictures) for column in columns)
    gallery(
        url.key("answers"),
        columns,
        "columns",
        said=f"{what.lead} {what.text}: {counted(total, 'picture', 'pictures')} by "
        f"{listed([column.title for column in columns])}.",
        agreement=agreement(catalogue, query, methods, able, hits),
        on_pick=lambda product: url.ask("product", product),
        on_look=lambda key, product: st.session_state.update(looked=(key, product)),
        on_differ=lambda: walk(catalogue, methods, query),
    )
    return columns
