"""Collapsed sections of a page, with their conclusion as the heading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from similarity.ui.shared import query as url
from similarity.ui.shared.headings import show_facts
from similarity.ui.shared.plain import escape

PARAMETER = "open"  # the URL parameter with the names of open sections


@dataclass(frozen=True)
class Section:
    """A part of a page: its name in the URL, what it concludes, and what it shows.

    `show` is called only while the section is open. `facts` are explanations of its figures.
    """

    name: str
    conclusion: str
    show: Callable[[], None]
    facts: Sequence[str] = ()


def show_sections(sections: Sequence[Section]) -> None:
    """Show sections that open with a click. The open ones are in the URL."""
    opened = [name for name in st.query_params.get(PARAMETER, "").split(",") if name]
    for section in sections:
        _show_section(section, opened)


def open_section(name: str) -> None:
    """Open a section besides those that are open."""
    opened = [other for other in st.query_params.get(PARAMETER, "").split(",") if other]
    url.update_url(**{PARAMETER: ",".join(dict.fromkeys([*opened, name]))})


def _show_section(section: Section, opened: Sequence[str]) -> None:
    key = url.widget_key(f"section {section.name}")

    def handle_change() -> None:
        others = [name for name in opened if name != section.name]
        names = [*others, section.name] if st.session_state[key] else others
        url.update_url(**{PARAMETER: ",".join(names) or None})

    is_open = url.set_widget(key, section.name in opened)
    with st.expander(
        escape(section.conclusion), is_open, key=key, on_change=handle_change
    ) as expander:
        if expander.open:
            if section.facts:
                show_facts(section.facts)
            section.show()
