"""Show how far a running build is, and what it has published as soon as it has."""

from collections.abc import Collection
from pathlib import Path

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.store.generations import read_pointer
from similarity.store.progress import Progress, read_progress
from similarity.ui.shared.plain import plain, refuse

EVERY = 1.0  # s between two looks
SOON = 10  # s: less is only "a few seconds"


def is_building(catalogue: Catalogue) -> bool:
    """Whether a build of an opened catalogue is running, or has just published more of it."""
    return read_progress(catalogue.folder) is not None or not catalogue.is_current()


def show_building(folder: Path, pointer: bytes = b"") -> bool:
    """Show how far the build in a catalogue's folder is; returns whether one is running.

    The page runs again by itself at the build's end, and once the build has published another
    generation than the one of this pointer, or the first one.
    """
    running = read_progress(folder) is not None
    if running:
        _follow(folder, pointer)
    return running


def show_missing(catalogue: Catalogue, later: str, never: str, error: SimilarityError) -> None:
    """Show `later` while a build runs that will measure what the page lacks, else `never`."""
    if not is_building(catalogue):
        refuse(never, explain_error(error))
        return
    st.info(later, icon=":material/hourglass_top:")
    if not show_building(catalogue.folder, catalogue.generation.pointer):
        st.rerun()


def show_lacking(catalogue: Catalogue, measured: Collection[str]) -> None:
    """Show how far a running build is where a page has not every method's measures yet."""
    if not set(catalogue.methods) <= set(measured):
        show_building(catalogue.folder, catalogue.generation.pointer)


@st.fragment(run_every=EVERY)
def _follow(folder: Path, pointer: bytes) -> None:
    progress = read_progress(folder)
    if progress is None or _pointer(folder) != pointer:
        st.rerun()
    share = progress.done / progress.total if progress.total else 0.0
    st.progress(share, plain(describe(progress)))


def describe(progress: Progress) -> str:
    """What a build is doing, how much of it is done, and how long it will still take."""
    parts = [progress.doing]
    if progress.total > 1:
        parts.append(f"{progress.done:,} of {progress.total:,}")
    if progress.left is not None and progress.done < progress.total:
        parts.append(_duration(progress.left))
    return " · ".join(parts)


def _duration(left: float) -> str:
    if left < SOON:
        return "a few seconds left"
    if left < 60:
        return f"about {10 * round(left / 10)} seconds left"
    minutes = round(left / 60)
    return f"about {minutes:,} minute{'s' if minutes > 1 else ''} left"


def _pointer(folder: Path) -> bytes:
    """What names the present generation; nothing where there is none yet."""
    try:
        return read_pointer(folder)
    except OSError:
        return b""
