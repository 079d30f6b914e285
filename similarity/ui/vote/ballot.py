"""What a participant sees: a query, two rows without names, and four answers.

Nothing that reaches the browser tells a method: rows are products' pictures, at addresses that
every page has, and both are shown in the same moment.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.ui.shared.component import component
from similarity.ui.shared.gallery import name_of
from similarity.ui.shared.thumbnails import thumbnail_url
from similarity.votes.store import PARTICIPANT, Votes
from similarity.votes.vote import Shown

_ballot = component(__file__)


def participant(votes: Votes) -> str:
    """Who votes here, as the browser told; nothing before it has."""
    who = st.session_state.get(_key(votes), {}).get("who")
    return who if isinstance(who, str) and PARTICIPANT.fullmatch(who) else ""


def show_ballot(votes: Votes, catalogue: Catalogue, shown: Shown | None) -> None:
    """The present question, or what is said in its place.

    An answer is kept before the page goes on; one that can't be is told by `take_error`.
    """
    who = participant(votes)
    data: dict[str, object] = {
        "vote": votes.name,
        "who": who,
        "question": votes.setup.question,
        "number": 0,
        "message": "" if who else "One moment …",
    }
    if shown:
        asked = [shown.query.value] if shown.query.kind == "product" else []
        images = _images(catalogue, [*asked, *shown.left, *shown.right])
        data |= {
            "number": shown.number,
            "answered": shown.answered,
            "undoable": shown.undoable,
            "query": images[0] if asked else {"src": "", "alt": shown.query.value},
            "left": images[len(asked) : -len(shown.right)],
            "right": images[-len(shown.right) :],
        }
    elif who:
        data["message"] = "That was the last question. Thank you!"
        data["undoable"] = True
    key = _key(votes)

    def answered() -> None:
        match st.session_state[key].get("answer"):
            case [int(number), str(answer)]:
                _keep(lambda: votes.answer(participant(votes), number, answer))

    def undone() -> None:
        if st.session_state[key].get("undo"):
            _keep(lambda: votes.undo(participant(votes)))

    _ballot(
        key=key,
        data=data,
        on_answer_change=answered,
        on_undo_change=undone,
        on_who_change=lambda: None,  # the run that follows is all that it is for
    )


def take_error() -> str:
    """Why the last answer could not be kept, once."""
    return st.session_state.pop("not kept", "")


def _keep(change: Callable[[], object]) -> None:
    try:
        change()
    except SimilarityError as error:
        st.session_state["not kept"] = explain_error(error)


def _key(votes: Votes) -> str:
    return f"ballot.{votes.name}"


def _images(catalogue: Catalogue, ids: Sequence[str]) -> list[dict[str, str]]:
    """Addresses of products' pictures, and what they are called."""
    rows = catalogue.products.loc[list(ids)].to_dict("records")
    return [
        {"src": thumbnail_url(catalogue.name, one), "alt": name_of(row)}
        for one, row in zip(ids, rows, strict=True)
    ]
