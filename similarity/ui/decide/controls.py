"""The fields of a decision: limits, prices, and what counts as good. All are in the URL."""

from collections.abc import Mapping, Sequence

import streamlit as st

from similarity.decisions.criteria import Criterion
from similarity.decisions.question import (
    MAX_NUMBER,
    MAX_WEIGHT,
    MIN_NUMBER,
    PRICES,
    WHOLE,
    Question,
    list_parameters,
    read_question,
)
from similarity.ui.shared import query as url
from similarity.ui.shared.pickers import pick_option

LICENCES = {"any": "Any", "commercial": "Commercial use", "permissive": "Permissive"}
LANGUAGES = {"none": "No words", "english": "English", "several": "Several languages"}
FIELDS = {  # of numbers: label, and what it means
    "products": ("Products", "Memory is computed for this many; empty for this catalogue's number"),
    "megabytes": ("Memory, MB at most", "Of the index of all products"),
    "milliseconds": (
        "Search, ms at most",
        "By a new picture: to embed it, and to search this catalogue, on the measured machine",
    ),
    "rate": ("Pictures a second", "That have to be embedded when products are new or change"),
    "machines": ("Machines at most", "Like the one on which speed was measured; empty for one"),
    "euros": ("Euros a month at most", "Needs a price below"),
    "machine_price": ("Price of a machine", "Euros a month, like the one that was measured"),
    "memory_price": ("Price of a GB of memory", "Euros a month"),
}
PLACEHOLDERS = {"products": "as here", "machines": "1", "machine_price": "0", "memory_price": "0"}


def pick_limits(question: Question) -> None:
    """Let the visitor set limits and prices."""
    st.header("Limits", anchor=False)
    st.markdown("**Licence of the weights**")
    pick_option("licence", "Licence of the weights", list(LICENCES), LICENCES.__getitem__)
    st.markdown("**Shoppers search by text in**")
    pick_option("languages", "Languages", list(LANGUAGES), LANGUAGES.__getitem__)
    with st.container(key="numbers"):
        for name, (label, description) in FIELDS.items():
            _pick_number(name, label, description, getattr(question, name))


def _pick_number(name: str, label: str, description: str, value: float | None) -> None:
    key = url.widget_key(name)
    st.number_input(
        label,
        min_value=0.0 if name in PRICES else 1.0 if name in WHOLE else MIN_NUMBER,
        max_value=MAX_NUMBER,
        value=url.set_widget(key, value),
        step=1.0,
        format="%g",
        placeholder=PLACEHOLDERS.get(name, "no limit"),
        help=description,
        key=key,
        on_change=lambda: url.update_url(**{name: _format(st.session_state[key])}),
    )


def _format(number: float | None) -> str | None:
    return None if number is None else f"{number:.10g}"


def pick_weights(criteria: Sequence[Criterion], weights: Mapping[str, int]) -> None:
    """Let the visitor say how much each criterion counts."""
    st.header("What counts as good", anchor=False)
    st.markdown("0 doesn't count, 5 counts most.")
    with st.container(key="weights"):
        for criterion in criteria:
            key = url.widget_key("good", criterion.key)
            st.slider(
                criterion.title,
                0,
                MAX_WEIGHT,
                url.set_widget(key, weights.get(criterion.key, 0)),
                key=key,
                help=criterion.aspect.description,
                on_change=_handle_weight,
                args=(criterion.key, key, dict(weights)),
            )


def _handle_weight(name: str, key: str, weights: dict[str, int]) -> None:
    changed = {**weights, name: st.session_state[key]}
    parameters = list_parameters(Question(weights=changed))
    url.update_url(good=parameters.get("good"))


def get_question() -> tuple[Question, list[str]]:
    """Return the question in the URL, and what is wrong with it."""
    return read_question({name: st.query_params.get_all(name) for name in st.query_params})
