"""A participant's ballot: a query, two rows without names, and four answers.

Nothing that reaches the browser identifies a method: rows are pictures of products, at URLs that
every page uses, and both appear at the same moment.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.products import get_name
from similarity.errors import SimilarityError
from similarity.ui.shared.component import register_component
from similarity.ui.shared.thumbnails import thumbnail_url
from similarity.votes.plan import QUESTIONS_EACH
from similarity.votes.store import PARTICIPANT, Votes
from similarity.votes.vote import PresentedQuestion

_component = register_component(__file__, "../shared/question.js", "ballot.js")


def get_participant(votes: Votes) -> str:
    """Return the participant's id from the browser, or an empty string until it is known."""
    participant_id = st.session_state.get(_get_key(votes), {}).get("who")
    return (
        participant_id
        if isinstance(participant_id, str) and PARTICIPANT.fullmatch(participant_id)
        else ""
    )


def show_ballot(votes: Votes, catalogue: Catalogue, question: PresentedQuestion | None) -> None:
    """Show the current question, or a message instead.

    After QUESTIONS_EACH answers the ballot ends, unless the participant asks for more.
    An answer is saved before the page continues; `pop_error` tells if that failed.
    """
    participant_id, key = get_participant(votes), _get_key(votes)
    data: dict[str, object] = {
        "vote": votes.name,
        "who": participant_id,
        "question": votes.setup.question,
        "number": 0,
        "message": "" if participant_id else "One moment…",
    }
    askable = sum(map(len, votes.setup.list_askable().values()))
    total = QUESTIONS_EACH if askable >= QUESTIONS_EACH else 0
    is_done = bool(total and question and question.answer_count >= total)
    if is_done and not st.session_state.get(key, {}).get("more"):
        data |= {"message": "That's all. Thank you!", "undoable": True, "can_continue": True}
    elif question:
        query_products = [question.query.value] if question.query.kind == "product" else []
        images = _make_images(catalogue, [*query_products, *question.left, *question.right])
        data |= {
            "number": question.number,
            "total": 0 if is_done else total,
            "answered": question.answer_count,
            "undoable": question.can_undo,
            "query": images[0] if query_products else {"src": "", "alt": question.query.value},
            "left": images[len(query_products) : -len(question.right)],
            "right": images[-len(question.right) :],
        }
    elif participant_id:
        data["message"] = "That's all. Thank you!"
        data["undoable"] = True

    def handle_answer() -> None:
        match st.session_state[key].get("answer"):
            case [int(number), str(answer)]:
                _save(lambda: votes.record_answer(get_participant(votes), number, answer))

    def handle_undo() -> None:
        if st.session_state[key].get("undo"):
            _save(lambda: votes.undo(get_participant(votes)))

    _component(
        key=key,
        data=data,
        on_answer_change=handle_answer,
        on_undo_change=handle_undo,
        on_who_change=lambda: None,  # it only has to cause a rerun
        on_more_change=lambda: None,
    )


def pop_error() -> str:
    """Return why the last answer could not be saved, once."""
    return st.session_state.pop("not kept", "")


def _save(change: Callable[[], object]) -> None:
    try:
        change()
    except SimilarityError as error:
        st.session_state["not kept"] = explain_error(error)


def _get_key(votes: Votes) -> str:
    return f"ballot.{votes.name}"


def _make_images(catalogue: Catalogue, ids: Sequence[str]) -> list[dict[str, str]]:
    """Return the URLs and names of products' pictures."""
    rows = catalogue.products.loc[list(ids)].to_dict("records")
    return [
        {"src": thumbnail_url(catalogue.name, product), "alt": get_name(row)}
        for product, row in zip(ids, rows, strict=True)
    ]
