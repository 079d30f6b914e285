"""Load models in the background, so that no click waits for them."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.embedding import load_embedder, prepare_for_pictures
from similarity.methods import Method

QUIET_TIME = 3.0  # s without a page run before a model is loaded, so that visitors come first
MAX_DELAY = 30.0  # s, if visitors go on clicking

_threads: dict[str, threading.Thread] = {}
_lock = threading.Lock()
_load_lock = threading.Lock()  # one at a time, because each uses all cores
_last_run = 0.0  # when a page that warms up was last shown, by time.monotonic


def list_loaders(methods: Sequence[Method]) -> dict[str, Callable[[], object]]:
    """Return the loaders that these methods need for embedding, by name."""
    return {
        f"{method.title} ({method.revision})": partial(_load_method, method) for method in methods
    }


def _load_method(method: Method) -> None:
    prepare_for_pictures(method.pictures_by or method)
    if method.answers_text:
        load_embedder(method)


def is_loaded(name: str, load: Callable[[], object]) -> bool:
    """Return whether a loader has finished or failed; a failure shows when the model is used.

    The first call starts the loader in the background.
    """
    with _lock:
        if name not in _threads:
            # a daemon, so that Ctrl-C doesn't wait for it
            thread = threading.Thread(
                target=_run_in_turn, args=(name, load), name=name, daemon=True
            )
            thread.start()
            _threads[name] = thread
        return not _threads[name].is_alive()


def _run_in_turn(name: str, load: Callable[[], object]) -> None:
    with _load_lock:
        try:
            load()
        except Exception:  # the part that needs it shows the error
            logging.getLogger(__name__).exception("%s can't be loaded", name)


def warm_up(methods: tuple[str, ...], catalogue: Catalogue) -> None:
    """Load these methods' models once per server, while nobody clicks.

    Call it whenever a page is shown.
    """
    global _last_run
    _last_run = time.monotonic()
    _start_warm_up(methods, catalogue)


@st.cache_resource(show_spinner=False)
def _start_warm_up(methods: tuple[str, ...], _catalogue: Catalogue) -> None:
    def load() -> None:
        for key in methods:
            wait_for_quiet()
            try:
                _load_method(_catalogue.resolve_method(key))
            except Exception:  # the search shows the error
                logging.getLogger(__name__).exception("%s can't be loaded", key)

    threading.Thread(target=load, name="warm-up", daemon=True).start()


def wait_for_quiet() -> None:
    """Wait until no page was shown for QUIET_TIME seconds, but no longer than MAX_DELAY."""
    deadline = time.monotonic() + MAX_DELAY
    while (now := time.monotonic()) < deadline and now < _last_run + QUIET_TIME:
        time.sleep(min(deadline, _last_run + QUIET_TIME) - now)
