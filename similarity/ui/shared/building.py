"""Show the progress of a running build, and what it publishes."""

from collections.abc import Collection
from pathlib import Path

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.store.generations import read_pointer
from similarity.store.progress import Progress, read_progress
from similarity.ui.shared.plain import escape, show_error

POLL_INTERVAL = 1.0  # s
SHORT_TIME = 10  # s: less is shown as "a few seconds"


def is_building(catalogue: Catalogue) -> bool:
    """Return whether a build is running, or a newer generation has been published."""
    return read_progress(catalogue.folder) is not None or not catalogue.is_current()


def show_building(folder: Path, pointer: bytes = b"") -> bool:
    """Show the progress of a build in a catalogue's folder; return whether one is running.

    The page reruns at the build's end, and when the build publishes a generation with another
    pointer.
    """
    running = read_progress(folder) is not None
    if running:
        _show_progress(folder, pointer)
    return running


def show_missing(
    catalogue: Catalogue, building_message: str, missing_message: str, error: SimilarityError
) -> None:
    """Show `building_message` while a build runs that will measure what is missing.

    Otherwise shows `missing_message` with the error.
    """
    if not is_building(catalogue):
        show_error(missing_message, explain_error(error))
        return
    st.info(building_message, icon=":material/hourglass_top:")
    if not show_building(catalogue.folder, catalogue.generation.pointer):
        st.rerun()


def show_unmeasured(catalogue: Catalogue, measured: Collection[str]) -> None:
    """Show the progress of a running build while some methods are not measured yet."""
    if not set(catalogue.methods) <= set(measured):
        show_building(catalogue.folder, catalogue.generation.pointer)


@st.fragment(run_every=POLL_INTERVAL)
def _show_progress(folder: Path, pointer: bytes) -> None:
    progress = read_progress(folder)
    if progress is None or _read_pointer(folder) != pointer:
        st.rerun()
    share = progress.done / progress.total if progress.total else 0.0
    st.progress(share, escape(describe_progress(progress)))


def describe_progress(progress: Progress) -> str:
    """Return a build's activity, how much of it is done, and the time left."""
    parts = [progress.doing]
    if progress.total > 1:
        parts.append(f"{progress.done:,} of {progress.total:,}")
    if progress.left is not None and progress.done < progress.total:
        parts.append(_format_duration(progress.left))
    return " · ".join(parts)


def _format_duration(left: float) -> str:
    if left < SHORT_TIME:
        return "a few seconds left"
    if left < 60:
        return f"about {10 * round(left / 10)} seconds left"
    minutes = round(left / 60)
    return f"about {minutes:,} minute{'s' if minutes > 1 else ''} left"


def _read_pointer(folder: Path) -> bytes:
    """Return the pointer to the current generation, or nothing if there is none."""
    try:
        return read_pointer(folder)
    except OSError:
        return b""
