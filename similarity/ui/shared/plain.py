"""Show texts from data as they are, never as Markdown, HTML or an address to fetch."""

import re

import streamlit as st


def escape(text: str) -> str:
    """Escape a text for Streamlit's labels, which are Markdown.

    An unescaped `![](http://...)` in a category would make every visitor's browser call that host.
    """
    words = re.split(r"[^\S\u00a0]+", text.strip())  # non-breaking spaces stay
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(words))


def show_error(message: str, reason: str) -> None:
    """Show an error in our own words, and below it a reason that may contain anything."""
    st.error(message)
    st.code(reason, language=None, wrap_lines=True)
