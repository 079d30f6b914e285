"""From which score on a match is weak, and grey."""

import streamlit as st

from similarity.ui.shared import query as url

# % of random pairs; at 95, one in five first results of `pixels` on photographs was weak
DEFAULT_WEAK = 90


def get_weak_threshold() -> int:
    """Return the percentage of random pairs below which a match is weak."""
    return min(url.get_number("weak", DEFAULT_WEAK), 100)


def pick_weak_threshold() -> None:
    """Let the visitor set that percentage; 0 disables weak matches."""
    key = url.widget_key("weak")
    st.number_input(
        "Grey out weak matches",
        min_value=0,
        max_value=100,
        value=url.set_widget(key, get_weak_threshold()),
        key=key,
        on_change=lambda: url.update_url(weak=str(st.session_state[key])),
        help="A match is weak if fewer than this percentage of random pairs have the same score or "
        "a lower one. 0 turns it off.",
        width=200,
    )
