"""Load models in the background, so that no click waits for them."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import streamlit as st

from similarity.methods import METHODS
from similarity.search import Catalogue, embedder

AFTER = 3  # s: the first screen and the first clicks come before

_one = ThreadPoolExecutor(1, "loading")  # one after the other: each keeps all cores busy
_started: dict[str, Future[object]] = {}
_lock = threading.Lock()


def warmed(name: str, load: Callable[[], object]) -> bool:
    """Whether what `load` loads is there, or can't be had: whoever uses it then is told why.

    It is begun in the background when it is first asked for, by whatever visitor.
    """
    with _lock:
        if name not in _started:
            _started[name] = _one.submit(load)
        return _started[name].done()


@st.cache_resource(show_spinner=False)
def warm_up(methods: tuple[str, ...], _catalogue: Catalogue) -> None:
    """Start loading what words need, once a server; clicks on products don't wait for it."""

    def load() -> None:
        time.sleep(AFTER)
        for key in methods:
            if METHODS[key].answers_text:
                try:
                    embedder(_catalogue.method(key))
                except Exception:  # the search itself will tell the visitor
                    logging.getLogger(__name__).exception("%s can't be loaded", key)

    threading.Thread(target=load, name="warm-up", daemon=True).start()
