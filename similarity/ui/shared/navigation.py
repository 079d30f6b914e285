"""The links to all pages. They keep the query and the settings in a single step of the history."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from similarity.ui.shared import query as url


def show_navigation(
    groups: Mapping[str, Sequence[StreamlitPage]],
    current: StreamlitPage,
    show_button: Callable[[], None] | None = None,
) -> None:
    """Show a link to the first page of each group, in the page's header, and a button, if any."""
    with st.container(key="navigation", horizontal=True, gap="xsmall", vertical_alignment="center"):
        for label, pages in groups.items():
            _show_link(pages[0], label, current in pages)
        if show_button:
            show_button()


def show_tabs(pages: Sequence[StreamlitPage], current: StreamlitPage) -> None:
    """Show links to the pages of a group, as tabs."""
    with st.container(key="tabs", horizontal=True, gap="small"):
        for page in pages:
            _show_link(page, page.title, page == current)


def _show_link(page: StreamlitPage, label: str, is_current: bool) -> None:
    with st.container(key=f"{'current-' if is_current else ''}link-{label}", width="content"):
        st.page_link(page, label=label, query_params=url.get_shared_parameters())
