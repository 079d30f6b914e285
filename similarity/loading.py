"""Load libraries and models once, in one thread at a time."""

import ctypes
import gc
import sys
import threading
from collections.abc import Callable, Hashable
from functools import cache, update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

loading_lock = threading.RLock()  # see `load_once`


class LoadOnce(Generic[P, T]):
    """A function that caches its return values; `loaded` holds them by key. See `load_once`."""

    def __init__(self, load: Callable[P, T], key: Callable[..., Hashable]) -> None:
        update_wrapper(self, load)
        self._load, self._key = load, key
        self.loaded: dict[Hashable, T] = {}

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        key = self._key(*args, **kwargs)
        if key not in self.loaded:
            with loading_lock:
                if key not in self.loaded:
                    self.loaded[key] = self._load(*args, **kwargs)
        return self.loaded[key]


def load_once(
    key: Callable[..., Hashable] = lambda *args: args,
) -> Callable[[Callable[P, T]], LoadOnce[P, T]]:
    """Decorate a function that imports a library or creates something that should exist once.

    The function runs once for each `key` of its arguments, as with functools.cache, and never at
    the same time as another decorated function. Python doesn't make imports safe between threads:
    while one thread imports a package for the first time, another may get the incomplete package.
    For example, transformers replaces itself in `sys.modules` at the end of its import, so `from
    transformers import …` fails until then. An exception is not cached: the next caller tries
    again. A cached value is returned without waiting.
    """
    return lambda load: LoadOnce(load, key)


def find_imported(package: str) -> Any:
    """Return a package that has been imported completely, or None."""
    module = sys.modules.get(package)
    spec = getattr(module, "__spec__", None)
    return None if getattr(spec, "_initializing", False) else module


def freeze_gc() -> None:
    """Exclude live objects from future garbage collections.

    Libraries create objects that live as long as the process, about a million for a model.
    Streamlit collects garbage after every run of a page, and walking those objects would take 0.3 s
    each time.
    """
    gc.collect()
    gc.freeze()
    if trim := _find_trim():
        trim(0)


def refreeze_gc() -> None:
    """Free what nobody uses any more among excluded objects, and exclude live ones as before.

    Sessions that have ended and networks that were let go would stay otherwise.
    """
    gc.unfreeze()
    freeze_gc()


@cache
def _find_trim() -> Any:
    """Return the function of the C library that returns freed memory to the system, or None.

    glibc keeps it otherwise: half a gigabyte after a network was converted.
    """
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
