"""The knobs that spoil a picture; what they are set to stands in the address."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from similarity.perturbations import PERTURBATIONS, SCENES
from similarity.ui.shared import query as url

CHANGE = "change"  # the parameter: 'turn:180,jpeg:90'


def chosen() -> dict[str, int]:
    """The amounts other than 0 that the address asks for, of those that there are."""
    found = {}
    for part in st.query_params.get(CHANGE, "").split(","):
        key, _, amount = part.partition(":")
        number = amount.removeprefix("-")
        if key in PERTURBATIONS and number.isascii() and number.isdigit() and len(number) < 9:
            known = np.array(PERTURBATIONS[key].amounts)
            found[key] = int(known[np.abs(known - int(amount)).argmin()])
    return {key: found[key] for key in PERTURBATIONS if found.get(key)}


def written(amounts: Mapping[str, int]) -> str | None:
    """The same for an address; None if there is nothing to say."""
    return ",".join(f"{key}:{amount}" for key, amount in amounts.items() if amount) or None


def pick_scene() -> None:
    """Several knobs at once, and a button that turns all back."""
    amounts = chosen()
    now = next((name for name, scene in SCENES.items() if dict(scene) == amounts), None)
    key = url.key("scene")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.pills(
            "Scenes",
            list(SCENES),
            default=url.seed(key, now),
            key=key,
            label_visibility="collapsed",
            on_change=lambda: url.put(
                **{CHANGE: written(SCENES.get(st.session_state[key] or "", {}))}
            ),
            width="content",
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            disabled=not amounts,
            on_click=lambda: url.put(**{CHANGE: None}),
            help="Turn all knobs back",
        )


def turn_knobs() -> None:
    """A slider for each perturbation."""
    amounts = chosen()
    for name, perturbation in PERTURBATIONS.items():
        key = url.key(name)
        st.select_slider(
            perturbation.title,
            perturbation.amounts,
            url.seed(key, amounts.get(name, 0)),
            key=key,
            format_func=perturbation.said,
            on_change=_turned,
            args=(name, key),
        )


def _turned(name: str, key: str) -> None:
    url.put(**{CHANGE: written(chosen() | {name: st.session_state[key]})})


def said(amounts: Mapping[str, int]) -> str:
    """The amounts in words: 'turned by 180°, blurred by 1 %'."""
    return ", ".join(
        f"{PERTURBATIONS[key].done} {PERTURBATIONS[key].said(amount)}"
        for key, amount in amounts.items()
    )
