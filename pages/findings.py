"""Findings: what was kept of the pages, on boards, to present and to send."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.findings.boards import Boards
from similarity.findings.compose.page import NAMES
from similarity.findings.finding import MAX_NAME, MAX_NOTE, MAX_TITLE, Finding
from similarity.ui.findings.board import choose_board, show_board
from similarity.ui.findings.export import show_export
from similarity.ui.shared import query as url
from similarity.ui.shared.headings import show_title
from similarity.ui.shared.keep import PARAMETER
from similarity.ui.shared.pickers import pick_catalogue
from similarity.ui.shared.plain import escape, show_error

DELETED, REQUESTED, FAILED = "deleted", "requested", "failed"  # in the session's state


def show_page() -> None:
    """Show a board, and what can be done with it."""
    st.set_page_config(page_title="What did we find? · Similarity")
    with st.container(key="findings"):
        messages = st.container()
        with show_title("What did we find?"):
            catalogue = pick_catalogue(messages)
        boards = Boards(catalogue.folder)
        try:
            summaries = boards.list_boards()
            names, board = [each.name for each in summaries], choose_board(summaries)
            findings = boards.list_findings(board)
        except SimilarityError as error:
            show_error("The findings can't be read.", explain_error(error))
            st.stop()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            pick_board(boards, names, board)
            st.button(
                "Present",
                type="primary",
                icon=":material/slideshow:",
                disabled=not findings,
                on_click=_request,
                args=("present", 0),
            )
            if findings:
                show_export(catalogue, board, findings)
        show_messages(boards)
        if not findings:
            st.info(
                "This board is empty. Press *Keep* (or K) on any page: what you see there is saved "
                "here, with its figures, to show it to others."
            )
            st.page_link(
                "compare.py",
                label="Go to Compare",
                icon=":material/compare:",
                query_params=url.get_shared_parameters(),
            )
            return
        show_board(
            catalogue,
            findings,
            partial(_move, boards),
            partial(_act, boards),
        )
        follow_request(boards, board, findings)


def pick_board(boards: Boards, names: list[str], board: str) -> None:
    """Let the visitor choose, rename and create boards."""
    options = names if board in names else [*names, board]
    key = url.widget_key(PARAMETER, options)
    st.selectbox(
        "Board",
        options,
        options.index(url.set_widget(key, board)),
        key=key,
        on_change=lambda: url.update_url(**{PARAMETER: st.session_state[key]}),
        label_visibility="collapsed",
        width=260,
    )
    with st.popover("Boards", icon=":material/edit_note:"):
        with st.form("new board", border=False, clear_on_submit=True):
            name = st.text_input("New board", max_chars=MAX_NAME)
            if st.form_submit_button("Create board") and (name := _try(boards.add_board, name)):
                _go_to(name)
        with st.form("rename board", border=False):
            name = st.text_input("Name of this board", board, max_chars=MAX_NAME)
            if st.form_submit_button("Rename") and (name := _try(boards.rename_board, board, name)):
                _go_to(name)


def _go_to(board: str) -> None:
    url.update_url(**{PARAMETER: board})
    st.rerun()


def show_messages(boards: Boards) -> None:
    """Show what failed, and how to take back what was deleted."""
    if message := st.session_state.pop(FAILED, ""):
        st.error(escape(message))
    if deleted := st.session_state.get(DELETED):
        number, title = deleted
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(escape(f"Deleted: {title}"), width="content")
            st.button("Undo", icon=":material/undo:", on_click=_restore, args=(boards, number))


def follow_request(boards: Boards, board: str, findings: list[Finding]) -> None:
    """Do what was requested of a finding just now."""
    action, number = st.session_state.pop(REQUESTED, ("", 0))
    finding = next((each for each in findings if each.number == number), None)
    if action == "present":
        slide = findings.index(finding) + 1 if finding else 1
        parameters = url.get_shared_parameters() | {PARAMETER: [board], "slide": [str(slide)]}
        st.switch_page("present.py", query_params=parameters)
    if finding and action == "open" and finding.link.page in NAMES:
        parameters = {**finding.link.parameters, PARAMETER: [finding.board]}
        st.switch_page(f"{finding.link.page}.py", query_params=parameters)
    if finding and action == "edit":
        show_editor(boards, finding)


@st.dialog("Edit finding")
def show_editor(boards: Boards, finding: Finding) -> None:
    """Let the visitor change a finding's title and note."""
    title = st.text_input("Title", finding.title, max_chars=MAX_TITLE)
    note = st.text_area("Note", finding.note, max_chars=MAX_NOTE, height=160)
    if st.button("Save", type="primary", disabled=not title.strip()):
        try:
            boards.edit(finding.number, title, note, finding.revision)
        except SimilarityError as error:
            st.error(escape(explain_error(error)))
        else:
            st.rerun()


def _request(action: str, number: int) -> None:
    st.session_state[REQUESTED] = action, number


def _move(boards: Boards, number: int, place: int) -> None:
    _try(boards.move, number, place)


def _act(boards: Boards, action: str, number: int) -> None:
    if action == "delete":
        _delete(boards, number)
    else:
        _request(action, number)


def _delete(boards: Boards, number: int) -> None:
    try:
        title = boards.get_finding(number).title
        boards.delete(number)
    except SimilarityError as error:
        st.session_state[FAILED] = explain_error(error)
    else:
        st.session_state[DELETED] = number, title


def _restore(boards: Boards, number: int) -> None:
    st.session_state.pop(DELETED, None)
    _try(boards.restore, number)


def _try(change: Callable[..., str | None], *values: object) -> str:
    """Return what a change returns; if it fails, the next run shows why."""
    try:
        return change(*values) or ""
    except SimilarityError as error:
        st.session_state[FAILED] = explain_error(error)
        return ""


show_page()
