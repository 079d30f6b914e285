"""Load models in the background, so that no click waits for them."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.embedding import embedder, ready
from similarity.methods import Method

AFTER = 3.0  # s without a click before a model is loaded: what a visitor waits for comes before
AT_MOST = 30.0  # s that visitors who go on clicking put that off

_started: dict[str, threading.Thread] = {}
_lock = threading.Lock()
_turn = threading.Lock()  # one after the other: each keeps all cores busy
_last_run = 0.0  # when a page that warms up was shown last, as time.monotonic says


def models(methods: Sequence[Method]) -> dict[str, Callable[[], object]]:
    """What has to be loaded for these methods to embed: by a name, what loads it."""
    return {f"{method.title} ({method.revision})": partial(_load, method) for method in methods}


def _load(method: Method) -> None:
    ready(method.pictures_by or method)
    if method.answers_text:
        embedder(method)


def warmed(name: str, load: Callable[[], object]) -> bool:
    """Whether what `load` loads is there, or can't be had: whoever uses it then is told why.

    It is begun in the background when it is first asked for, by whatever visitor.
    """
    with _lock:
        if name not in _started:
            # a daemon, so that Ctrl-C does not wait for it
            started = threading.Thread(target=_in_turn, args=(name, load), name=name, daemon=True)
            started.start()
            _started[name] = started
        return not _started[name].is_alive()


def _in_turn(name: str, load: Callable[[], object]) -> None:
    with _turn:
        try:
            load()
        except Exception:  # the part itself will tell the visitor
            logging.getLogger(__name__).exception("%s can't be loaded", name)


def warm_up(methods: tuple[str, ...], catalogue: Catalogue) -> None:
    """Load these methods' models once a server, while nobody clicks, for words and pictures that
    come. To be called whenever a page is shown."""
    global _last_run
    _last_run = time.monotonic()
    _start(methods, catalogue)


@st.cache_resource(show_spinner=False)
def _start(methods: tuple[str, ...], _catalogue: Catalogue) -> None:
    def load() -> None:
        for key in methods:
            wait_for_quiet()
            try:
                _load(_catalogue.method(key))
            except Exception:  # the search itself will tell the visitor
                logging.getLogger(__name__).exception("%s can't be loaded", key)

    threading.Thread(target=load, name="warm-up", daemon=True).start()


def wait_for_quiet() -> None:
    """Wait until no page was shown for AFTER seconds, but not longer than AT_MOST."""
    give_up = time.monotonic() + AT_MOST
    while (now := time.monotonic()) < give_up and now < _last_run + AFTER:
        time.sleep(min(give_up, _last_run + AFTER) - now)
