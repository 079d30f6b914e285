"""Every method's results for a query, as columns of pictures."""

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
from similarity.measures.metrics.verdict import join_names
from similarity.methods import METHODS, Method
from similarity.pictures import read_picture
from similarity.ui.compare.agreement import add_agreement, make_agreement, walk_to_next
from similarity.ui.shared import query as url
from similarity.ui.shared.columns import make_cells, make_heading
from similarity.ui.shared.gallery import Column, DisplayedQuery, show_gallery
from similarity.ui.shared.nearness import describe_pairs
from similarity.ui.shared.plain import escape, format_count
from similarity.ui.shared.search import Answer, find_answer
from similarity.ui.shared.shortcut import describe_recall, describe_search

FIRST_MODEL_MESSAGE = (
    "Searching… the first words or picture after a start load a model, some ten seconds."
)
RECENT_SEARCHES = 25  # searches whose median time is shown


def make_column(
    catalogue: Catalogue, method: Method, query: url.Query, answer: Answer, weak_threshold: int
) -> Column:
    """Return a method's column with its pictures."""
    index = catalogue.open_index(method)
    random_pairs = index.pairs["words" if query.kind == "text" else "pictures"]
    time, description = _describe_time(catalogue, method.key, answer)
    category_share, category = _count_in_category(catalogue, query, answer.hits)
    pictures = make_cells(catalogue, answer.hits, query, random_pairs, weak_threshold)
    heading = make_heading(method)
    return replace(
        heading,
        pictures=pictures,
        time=time,
        recall=describe_recall(index, query),
        facts=[
            *heading.facts,
            description,
            *describe_search(index, query),
            *describe_pairs(random_pairs, query),
        ],
        category_share=category_share,
        labels_note="(labels seen)" if category_share and method.training_labels else "",
        category=category,
        message=f"No good match: the first is {pictures[0].nearness}."
        if pictures and pictures[0].is_weak
        else "",
    )


def _describe_time(catalogue: Catalogue, key: str, answer: Answer) -> tuple[str, str]:
    """Return the median time of this visitor's recent searches, in short and as a sentence."""
    searches = st.session_state.setdefault("searches", {})
    recent = searches.setdefault((catalogue.name, key), deque(maxlen=RECENT_SEARCHES))
    recent.append(answer.search_ms)
    time = f"{median(recent):.1f} ms"
    description = f"Search: {time}"
    description += f", the median of your last {len(recent)} searches." if len(recent) > 1 else "."
    if answer.embedding_ms is not None:
        description += f" Embedding the query came before: {answer.embedding_ms:.0f} ms."
    return time, description


def _count_in_category(
    catalogue: Catalogue, query: url.Query, hits: Sequence[Hit]
) -> tuple[str, str]:
    """Return how many hits are in the query's category, and the category if it has one."""
    categories = catalogue.products["category"]
    category = categories[query.value] if query.kind == "product" else ""
    if not category:
        return "", ""
    same = sum(categories[[hit.product for hit in hits]] == category)
    return f"{same} of {len(hits)}", category


def show_answers(
    catalogue: Catalogue,
    methods: list[Method],
    query: url.Query,
    displayed_query: DisplayedQuery,
    k: int,
    weak_threshold: int,
) -> list[Column]:
    """Show every chosen method's results side by side. A click makes a picture the query.

    Matches are weak if they are nearer than less than `weak_threshold` percent of random pairs.
    """
    if not methods:
        st.info("Choose at least one method to see its answers.")
        return []
    text_methods = [method for method in methods if query.kind != "text" or method.answers_text]
    if not text_methods:
        readers = [METHODS[key].title for key in catalogue.methods if METHODS[key].answers_text]
        suggestion = (
            f"Choose {join_names(readers, 'or')} above" if readers else "No method built here can"
        )
        st.info(escape(f"None of the chosen methods can read words. {suggestion}."))
        return []

    @cache  # once for all methods, and only if needed
    def decode() -> Image.Image:
        assert query.upload is not None
        return read_picture(query.upload.content)

    answers: dict[str, Answer] = {}
    errors: dict[str, str] = {}
    spinner = (
        st.spinner(FIRST_MODEL_MESSAGE, show_time=True)
        if query.kind != "product"
        else nullcontext()
    )
    with spinner:
        for method in text_methods:
            try:
                answers[method.key] = find_answer(catalogue, method, query, k, decode)
            except SimilarityError as error:
                errors[method.key] = explain_error(error)
    hits = {key: answers[key].hits for key in answers if answers[key].hits}
    columns = add_agreement(
        [
            make_column(catalogue, method, query, answers[method.key], weak_threshold)
            if method.key in answers
            else replace(make_heading(method), message=errors[method.key], failed=True)
            for method in text_methods
        ],
        hits,
    )
    total = sum(len(column.pictures) for column in columns)
    show_gallery(
        url.widget_key("answers"),
        columns,
        "columns",
        announcement=f"{displayed_query.lead} {displayed_query.text}: "
        f"{format_count(total, 'picture', 'pictures')} by "
        f"{join_names([column.title for column in columns])}.",
        agreement=make_agreement(catalogue, query, methods, text_methods, hits),
        on_pick=lambda product: url.set_query("product", product),
        on_look=lambda key, product: st.session_state.update(looked=(key, product)),
        on_differ=lambda: walk_to_next(catalogue, methods, query),
    )
    return columns
