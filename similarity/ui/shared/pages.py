"""The pages of a long list. The present one is in the URL."""

import streamlit as st

from similarity.ui.shared import query as url

VISIBLE = 3  # numbers of pages


def get_page(name: str, pages: int) -> int:
    """Return the page in the URL's parameter, from 1 to `pages`."""
    return min(max(url.get_number(name, 1), 1), pages)


def pick_page(name: str, pages: int) -> int:
    """Let the visitor choose a page, and return it."""
    key = url.widget_key(name, pages)
    return st.pagination(
        pages,
        default=url.set_widget(key, get_page(name, pages)),
        key=key,
        max_visible_pages=VISIBLE,
        on_change=lambda: url.update_url(**{name: str(st.session_state[key])}),
    )
