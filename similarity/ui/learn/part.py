"""What parts of the Learn page share: a heading, how they wait for models or do without."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.measures.metrics.verdict import listed
from similarity.methods import METHODS, Method
from similarity.ui.shared.plain import plain, refuse
from similarity.ui.shared.unbuilt import build_lines
from similarity.ui.shared.warm import warmed

POLL = 0.5  # s between two looks whether a model is loaded


def heading(number: int, title: str, words: str, source: str) -> None:
    """The part's heading, with an anchor to jump to, what it says, and whose idea that is."""
    st.header(f"{number} · {title}", anchor=f"part-{number}", divider="gray")
    st.markdown(words)
    st.caption(source)


@contextmanager
def told() -> Iterator[None]:
    """A part that fails says why and leaves the others as they are."""
    try:
        yield
    except SimilarityError as error:
        refuse("This part can't be computed.", explain_error(error))


def built(catalogue: Catalogue, keys: Sequence[str]) -> list[Method]:
    """Those of these methods that are built here, as they were. If none is, how to build one."""
    stale = catalogue.stale_methods()
    found = [key for key in keys if key in catalogue.methods and key not in stale]
    if not found:
        titles = listed([METHODS[key].title for key in keys], "or")
        st.info(plain(f"This part needs {titles}, which is not built here. Build it:"))
        # what comes with the product is there at once; the weights of others have to be fetched
        key = min(keys, key=lambda key: METHODS[key].published is not None)
        st.code(build_lines(catalogue, [key]), language="bash", wrap_lines=True)
    return [catalogue.method(key) for key in found]


def when_loaded(loads: Mapping[str, Callable[[], object]], show: Callable[[], None]) -> None:
    """Show a part as a fragment of the page, as soon as all of this is loaded.

    It is loaded in the background; until then the part says so, and the rest of the page answers.
    """

    def lacking() -> list[str]:
        return [name for name, load in loads.items() if not warmed(name, load)]

    waiting = bool(lacking())

    def part() -> None:
        if names := lacking():
            titles = listed([name.partition(" (")[0] for name in names])
            st.status(plain(f"Loading {titles}, once after a start: some seconds"))
        elif waiting:
            st.rerun()  # the page, so that this part no longer looks
        else:
            with told():
                show()

    st.fragment(part, run_every=POLL if waiting else None)()
