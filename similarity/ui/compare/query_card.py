"""The Streamlit component that shows the query: its parts, and a field to add words to it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from similarity.parts import KINDS, Term
from similarity.ui.shared.component import register_component

_component = register_component(
    __file__, "../shared/pictures.css", "../shared/pictures.js", "query_card.js"
)


@dataclass(frozen=True)
class Chip:
    """A part of a combined query, as a picture, a text or both.

    `is_unwanted` marks what is pushed away. The last part that is looked for can't be removed.
    """

    role: str
    value: str
    name: str
    text: str = ""
    src: str = ""
    is_unwanted: bool = False
    is_removable: bool = True


@dataclass(frozen=True)
class DisplayedQuery:
    """The query as it is displayed: words and, unless it is a text, a picture.

    `headline` is what its results show, if anything. Without one, the heading is `lead` and `text`.
    A combined query has `chips`, and `facts` that explain how they are combined. `balance` is the
    weight of words in percent, or None unless pictures and words are looked for.
    """

    lead: str
    text: str
    details: str = ""
    src: str = ""
    headline: str = ""
    chips: Sequence[Chip] = ()
    facts: Sequence[str] = ()
    balance: int | None = None


def show_query_card(
    key: str,
    query: DisplayedQuery,
    *,
    link: str,
    refusal: str,
    on_add: Callable[[str, str], None],
    on_remove: Callable[[Term], None],
    on_balance: Callable[[int], None],
) -> None:
    """Show the query, and a button that copies `link`, unless that is empty.

    `refusal` says why the part that was added last can't be used. `on_add` gets "text" or "minus"
    and the words.
    """

    def handle_add() -> None:
        match st.session_state[key].get("added"):
            case ["text" | "minus" as role, str(words)] if words.strip():
                on_add(role, words.strip())

    def handle_remove() -> None:
        match st.session_state[key].get("removed"):
            case [str(role), str(value)] if role in KINDS:
                on_remove(Term(role, value))

    def handle_balance() -> None:
        match st.session_state[key].get("balance"):
            case int(balance) if 0 <= balance <= 100:
                on_balance(balance)

    _component(
        key=key,
        data={"query": asdict(query), "link": link, "refusal": refusal},
        on_added_change=handle_add,
        on_removed_change=handle_remove,
        on_balance_change=handle_balance,
    )
