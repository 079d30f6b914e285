"""A judge's question: a query, a product, four grades.

Nothing that reaches the browser identifies a method: the picture is at the URL that every page
uses, and its place in the order says nothing.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.products import get_name
from similarity.errors import SimilarityError
from similarity.judgments.judging import Judging, Question
from similarity.judgments.judgment import GRADES, MAX_NOTE
from similarity.judgments.store import Judgments
from similarity.parts import Term
from similarity.pictures.read import read_picture
from similarity.pictures.thumbnails import make_thumbnail
from similarity.ui.shared.component import register_component
from similarity.ui.shared.gallery import make_data_url
from similarity.ui.shared.thumbnails import thumbnail_url

_component = register_component(__file__, "../shared/question.js", "grading.js")
ERROR = "not judged"  # where the session keeps why the last answer was not saved


def show_question(
    judging: Judging, catalogue: Catalogue, judge: int, question: Question | None
) -> None:
    """Show the question, or that there is none.

    An answer is saved before the page continues; `pop_error` tells if that failed.
    """
    key = f"grading.{judging.name}"
    data: dict[str, object] = {"number": 0, "grades": list(GRADES.values()), "longest": MAX_NOTE}
    if question:
        data |= {
            "number": f"{question.pair[0]}.{question.pair[1]}.{question.of_all[0]}",
            "pair": list(question.pair),
            "query": _make_query(catalogue, question.query),
            "product": _make_picture(catalogue, question.product),
            "following": (
                thumbnail_url(catalogue.name, question.following) if question.following else ""
            ),
            "of_query": list(question.of_query),
            "of_all": list(question.of_all),
            "undoable": question.can_undo,
        }

    def handle_answer() -> None:
        match st.session_state[key].get("answer"):
            case [int(query), str(product), (int() | None) as grade, str(note)]:
                _save(lambda: judging.record(judge, (query, product), grade, note))

    def handle_undo() -> None:
        if st.session_state[key].get("undo"):
            _save(lambda: judging.undo(judge))

    _component(key=key, data=data, on_answer_change=handle_answer, on_undo_change=handle_undo)


def pop_error() -> str:
    """Return why the last answer could not be saved, once."""
    return st.session_state.pop(ERROR, "")


def _save(change: Callable[[], object]) -> None:
    try:
        change()
    except SimilarityError as error:
        st.session_state[ERROR] = explain_error(error)


def _make_picture(catalogue: Catalogue, product: str) -> dict[str, str]:
    """Return the URL and name of a product's picture."""
    row = catalogue.products.loc[product].to_dict()
    return {"src": thumbnail_url(catalogue.name, product), "alt": get_name(row)}


def _make_query(catalogue: Catalogue, query: Term) -> dict[str, str]:
    """Return the URL and name of a query, without a URL for a text."""
    if query.kind == "product":
        return _make_picture(catalogue, query.value)
    if query.kind == "picture":
        return {"src": _make_thumbnail_url(str(catalogue.folder), query.value), "alt": "This photo"}
    return {"src": "", "alt": query.value}


@st.cache_data(max_entries=64, show_spinner=False)
def _make_thumbnail_url(folder: str, key: str) -> str:
    content = Judgments(Path(folder)).read_picture(key)
    return make_data_url(make_thumbnail(read_picture(content)))
