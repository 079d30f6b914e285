"""Methods that a catalogue has no index for, and the commands that add them."""

from collections.abc import Sequence

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import format_build_command, format_fetch_command
from similarity.measures.metrics.verdict import join_names
from similarity.methods import METHODS, Method
from similarity.ui.shared import query as url
from similarity.ui.shared.plain import escape

MODEL_FAMILIES = ("CLIP", "SigLIP", "DINO")  # models that people ask for, as in the methods' titles
REQUEST = "commands_requested"  # in the session's state


def format_commands(catalogue: Catalogue, keys: Sequence[str]) -> str:
    """Return the commands that build these methods, one per line, fetching weights first."""
    published = [key for key in keys if METHODS[key].published]
    lines = [format_fetch_command(published)] if published else []
    return "\n".join([*lines, format_build_command(catalogue, keys)])


def list_missing_methods(catalogue: Catalogue) -> list[str]:
    """Return the keys of methods that have no index here."""
    built = catalogue.methods
    return [key for key in METHODS if key not in built]


def show_missing_methods(catalogue: Catalogue) -> None:
    """Show the methods that are not installed greyed out, and a button for their commands."""
    missing = list_missing_methods(catalogue)
    if not missing:
        return
    titles = " ".join(METHODS[key].title for key in missing if METHODS[key].published)
    names = [name for name in MODEL_FAMILIES if name in titles]
    verb = "needs" if len(names) == 1 else "need"
    download = f" {join_names(names)} {verb} a download first." if names else ""
    st.caption(f"Not installed.{download}")
    with st.container(key="missing", horizontal=True, gap="xsmall"):
        for key in missing:
            method = METHODS[key]
            reason = "Needs a download." if method.published else "Needs to be built."
            show_unavailable(method, f"{reason} {method.summary} Licence: {method.licence}.")
    show_commands_button("picker")


def show_commands_button(place: str) -> None:
    """Show the button that opens the commands: see show_requested_commands.

    `place` tells the buttons of a page apart.
    """
    st.button(
        "Show the commands",
        key=url.widget_key(f"commands {place}"),
        icon=":material/terminal:",
        on_click=lambda: st.session_state.update({REQUEST: True}),
    )


def show_unavailable(method: Method, reason: str) -> None:
    """Show a method as a disabled button with the reason as its tooltip."""
    st.button(
        escape(method.title),
        key=url.widget_key(f"unavailable {method.key}"),
        disabled=True,
        help=escape(reason),
    )


def show_requested_commands(catalogue: Catalogue) -> None:
    """Open a dialogue with the commands if they were just requested."""
    if st.session_state.pop(REQUEST, False):
        _show_commands(catalogue)


@st.dialog("Install more methods", width="medium")
def _show_commands(catalogue: Catalogue) -> None:
    missing = list_missing_methods(catalogue)
    st.write("Run this in the project's folder. Name fewer methods to download less:")
    st.code(format_commands(catalogue, missing), language="bash", wrap_lines=True)
    st.write("The app shows the new methods when the build is done.")
