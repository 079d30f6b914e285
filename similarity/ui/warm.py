"""Load models in the background, so that no click waits for them."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from similarity.methods import Method
from similarity.search import Catalogue, embedder, ready

AFTER = 3  # s: the first screen and the first clicks come before

_started: dict[str, threading.Thread] = {}
_lock = threading.Lock()
_turn = threading.Lock()  # one after the other: each keeps all cores busy


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


@st.cache_resource(show_spinner=False)
def warm_up(methods: tuple[str, ...], _catalogue: Catalogue) -> None:
    """Start loading these methods' models, once a server, for words and pictures that come."""

    def load() -> None:
        time.sleep(AFTER)
        for key in methods:
            try:
                _load(_catalogue.method(key))
            except Exception:  # the search itself will tell the visitor
                logging.getLogger(__name__).exception("%s can't be loaded", key)

    threading.Thread(target=load, name="warm-up", daemon=True).start()
