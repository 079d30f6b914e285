"""The sliders that distort a picture; their values are stored in the URL."""

from collections.abc import Mapping

import streamlit as st

from similarity.perturbations import PERTURBATIONS, SCENES, parse_amounts
from similarity.ui.shared import query as url

PARAMETER = "change"  # the URL parameter, such as 'turn:180,jpeg:90'


def get_amounts() -> dict[str, int]:
    """Return the valid amounts in the URL that are not 0."""
    return parse_amounts(st.query_params.get(PARAMETER, ""))


def format_parameter(amounts: Mapping[str, int]) -> str | None:
    """Return the URL parameter for amounts, or None without any."""
    return ",".join(f"{key}:{amount}" for key, amount in amounts.items() if amount) or None


def pick_scene() -> None:
    """Let the visitor set several sliders at once, or reset them."""
    amounts = get_amounts()
    current_scene = next((name for name, scene in SCENES.items() if dict(scene) == amounts), None)
    key = url.widget_key("scene")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.pills(
            "Scenes",
            list(SCENES),
            default=url.set_widget(key, current_scene),
            key=key,
            label_visibility="collapsed",
            on_change=lambda: url.update_url(
                **{PARAMETER: format_parameter(SCENES.get(st.session_state[key] or "", {}))}
            ),
            width="content",
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            disabled=not amounts,
            on_click=lambda: url.update_url(**{PARAMETER: None}),
            help="Reset all sliders",
        )


def show_sliders() -> None:
    """Show a slider for each perturbation."""
    amounts = get_amounts()
    for name, perturbation in PERTURBATIONS.items():
        key = url.widget_key(name)
        st.select_slider(
            perturbation.title,
            perturbation.amounts,
            url.set_widget(key, amounts.get(name, 0)),
            key=key,
            format_func=perturbation.format_amount,
            on_change=_handle_slider,
            args=(name, key),
        )


def _handle_slider(name: str, key: str) -> None:
    url.update_url(**{PARAMETER: format_parameter(get_amounts() | {name: st.session_state[key]})})
