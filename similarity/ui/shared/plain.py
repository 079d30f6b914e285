"""What comes from data is shown as it is: never Markdown, HTML or an address that is fetched."""

import re

import streamlit as st

LONGEST = 300  # characters of one text on the screen; the table keeps it whole


def plain(text: str) -> str:
    """A text for one of Streamlit's labels, which are Markdown: every sign of it stands for itself.

    An unescaped `![](http://...)` in a category would make every visitor's browser call that host.
    """
    words = re.split(r"[^\S\u00a0]+", text.strip())  # a space that keeps words together stays
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(words))


def cut(text: str, longest: int = LONGEST) -> str:
    """A text with its end left out if it is too long to be shown."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def counted(count: int, one: str, many: str) -> str:
    """A number with the noun that fits it."""
    return f"{count:,} {one if count == 1 else many}"


def refuse(what: str, why: str) -> None:
    """An error: `what` in our own words, and below it, to copy, a reason that may hold anything."""
    st.error(what)
    st.code(why, language=None, wrap_lines=True)
