"""Show texts from data as they are, never as Markdown, HTML or an address to fetch."""

import re

import streamlit as st

MAX_TEXT = 300  # characters of a text on a page; exports contain all of it


def escape(text: str) -> str:
    """Escape a text for Streamlit's labels, which are Markdown.

    An unescaped `![](http://...)` in a category would make every visitor's browser call that host.
    """
    words = re.split(r"[^\S\u00a0]+", text.strip())  # non-breaking spaces stay
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(words))


def truncate(text: str, length: int = MAX_TEXT) -> str:
    """Shorten a text that is too long to display."""
    return text if len(text) <= length else text[: length - 1] + "…"


def format_count(count: int, one: str, many: str) -> str:
    """Return a number with the noun in singular or plural."""
    return f"{count:,} {one if count == 1 else many}"


def format_megabytes(size: int) -> str:
    """Return a number of bytes in megabytes."""
    return f"{size / 1e6:,.0f} MB" if size >= 1e6 else "under 1 MB"


def show_error(message: str, reason: str) -> None:
    """Show an error in our own words, and below it a reason that may contain anything."""
    st.error(message)
    st.code(reason, language=None, wrap_lines=True)
