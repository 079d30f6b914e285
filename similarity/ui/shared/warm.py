"""Load models in the background, so that no click waits for them."""

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from similarity.catalogue import Catalogue
from similarity.embedding import load_embedder, prepare_for_pictures
from similarity.methods import Method
from similarity.networks import networks

QUIET_TIME = 3.0  # s without a page run before a model is loaded, so that visitors come first
MAX_DELAY = 30.0  # s, if visitors go on clicking
MAX_REQUESTS = 64  # that are remembered
# A loaded method takes up to so many bytes per parameter: see similarity.compiled.
BYTES_PER_PARAMETER = 8

_log = logging.getLogger(__name__)
_threads: OrderedDict[str, threading.Thread] = OrderedDict()
_lock = threading.Lock()
_load_lock = threading.Lock()  # one at a time, because each uses all cores
_last_run = 0.0  # when a page that warms up was last shown, by time.monotonic
_requested: OrderedDict[tuple[Any, ...], None] = OrderedDict()  # what was ever queued
_queue: deque[tuple[Catalogue, str]] = deque()
_worker: threading.Thread | None = None


def list_loaders(methods: Sequence[Method]) -> dict[str, Callable[[], object]]:
    """Return the loaders that these methods need for embedding, by name."""
    return {
        f"{method.title} ({method.revision})": partial(_load_method, method) for method in methods
    }


def _load_method(method: Method) -> None:
    if method.has_model:
        prepare_for_pictures(method.pictures_by or method)
    if method.answers_text:
        load_embedder(method.texts_by or method)


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
            for other in list(_threads)[:-MAX_REQUESTS]:
                if not _threads[other].is_alive():
                    del _threads[other]
        return not _threads[name].is_alive()


def _run_in_turn(name: str, load: Callable[[], object]) -> None:
    with _load_lock:
        try:
            load()
        except Exception:  # the part that needs it shows the error
            _log.exception("%s can't be loaded", name)


def warm_up(methods: Sequence[str], catalogue: Catalogue) -> None:
    """Load the models of a catalogue's methods once, while nobody clicks and memory is free.

    Call it whenever a page is shown. `methods` are keys.
    """
    global _last_run, _worker
    _last_run = time.monotonic()
    with _lock:
        for key in methods:
            request = (catalogue.folder, catalogue.generation.number, key)
            if request not in _requested:
                _requested[request] = None
                _queue.append((catalogue, key))
        while len(_requested) > MAX_REQUESTS:
            _requested.popitem(last=False)
        if _queue and _worker is None:
            _worker = threading.Thread(target=_load_queue, name="warm-up", daemon=True)
            _worker.start()


def _load_queue() -> None:
    global _worker
    while True:
        with _lock:
            if not _queue:
                _worker = None
                return
            catalogue, key = _queue.popleft()
        wait_for_quiet()
        try:
            method = catalogue.resolve_method(key)
            # models that visitors have used are not let go for those that nobody asked for
            if networks.has_room(method.parameters * BYTES_PER_PARAMETER):
                _load_method(method)
        except Exception:  # the search shows the error
            _log.exception("%s can't be loaded", key)


def wait_for_quiet() -> None:
    """Wait until no page was shown for QUIET_TIME seconds, but no longer than MAX_DELAY."""
    deadline = time.monotonic() + MAX_DELAY
    while (now := time.monotonic()) < deadline and now < _last_run + QUIET_TIME:
        time.sleep(min(deadline, _last_run + QUIET_TIME) - now)
