"""The owner of loaded networks: it lets the least recently used ones go above a limit of memory.

Networks are loaded when they are first used, and again after they were let go. A network that is in
use is never let go, so a limit below the size of one network is exceeded by that network.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import psutil

from similarity.errors import SimilarityError
from similarity.loading import freeze_gc, loading_lock, refreeze_gc

LIMIT = "SIMILARITY_MODEL_MB"  # environment variable: megabytes
SHARE = 4  # a quarter of the machine's memory by default
# Of the limit, for buffers and what allocators keep: 5 to 11 % of the networks' size was measured.
RESERVE = 0.15
MAX_COUNT = 64  # networks, most of which are empty: methods without weights of their own
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")  # on Linux

T = TypeVar("T")


class Loaded(NamedTuple, Generic[T]):
    """Something that was loaded, and the bytes of memory that it takes."""

    value: T
    size: int


@dataclass
class _Entry:
    value: Any
    size: int
    users: int = 0
    last_use: float = 0.0  # by time.monotonic
    methods: set[str] = field(default_factory=set)


class NetworkFacts(NamedTuple):
    """A loaded network, for display: bytes, the titles of methods that used it, s since then."""

    name: str
    size: int
    methods: list[str]
    idle: float


class Networks:
    """Loaded networks by name. Safe to share between threads; see the module.

    `get_limit` returns the limit in bytes, or None.
    """

    def __init__(self, get_limit: Callable[[], int | None]) -> None:
        self._get_limit = get_limit
        self._entries: OrderedDict[str, _Entry] = OrderedDict()  # least recently used first
        self._lock = threading.Lock()
        self._unlimited = 0  # builds that are running

    @contextmanager
    def use(self, name: str, load: Callable[[], Loaded[T]]) -> Iterator[T]:
        """Yield a network, loaded if it isn't, and keep it loaded meanwhile.

        `load` runs once for all callers, and never at the same time as another or a function of
        `load_once`. Raises what it raises.
        """
        entry = self._find(name) or self._load(name, load)
        try:
            yield entry.value
        finally:
            with self._lock:
                entry.users -= 1
                entry.last_use = time.monotonic()
                is_freed = self._let_go(self._find_limit())  # it was loaded beside others in use
            if is_freed:
                refreeze_gc()

    def hold(self, name: str, load: Callable[[], Loaded[Callable[..., T]]]) -> Callable[..., T]:
        """Load a network that is a function, and return a function that uses it.

        The returned function loads the network again after it was let go.
        """

        def run(*inputs: Any) -> T:
            with self.use(name, load) as network:
                return network(*inputs)

        with self.use(name, load):
            return run

    def has_room(self, size: int) -> bool:
        """Return whether a network of so many bytes can be loaded without letting others go."""
        limit = self._find_limit()
        return limit is None or self._sum_sizes() + size <= limit

    def describe_loaded(self) -> list[NetworkFacts]:
        """Return the loaded networks that take memory, the most recently used first."""
        now = time.monotonic()
        with self._lock:
            return [
                NetworkFacts(
                    name,
                    entry.size,
                    sorted(entry.methods),
                    0.0 if entry.users else now - entry.last_use,
                )
                for name, entry in reversed(self._entries.items())
                if entry.size
            ]

    def release_idle(self) -> None:
        """Let all networks go that are not in use."""
        with self._lock:
            for name in [name for name, entry in self._entries.items() if not entry.users]:
                del self._entries[name]
        refreeze_gc()

    @contextmanager
    def lift_limit(self) -> Iterator[None]:
        """Ignore the limit: a build uses each of its networks for every few pictures."""
        with self._lock:
            self._unlimited += 1
        try:
            yield
        finally:
            with self._lock:
                self._unlimited -= 1

    def _find(self, name: str) -> _Entry | None:
        with self._lock:
            entry = self._entries.get(name)
            if entry:
                entry.users += 1
                self._entries.move_to_end(name)
                if method := _method.get():
                    entry.methods.add(method)
            return entry

    def _load(self, name: str, load: Callable[[], Loaded[Any]]) -> _Entry:
        with loading_lock:
            if entry := self._find(name):
                return entry
            limit = self._find_limit()  # first, because it may be unusable
            value, size = load()
            method = _method.get()
            entry = _Entry(value, size, users=1, methods={method} if method else set())
            with self._lock:
                self._entries[name] = entry
                is_freed = self._let_go(limit)
            if is_freed:
                refreeze_gc()
            elif size:
                freeze_gc()
            return entry

    def _let_go(self, limit: int | None) -> bool:
        """Remove idle networks, least recently used first, while there are too many.

        Never the last used one, even if it alone is above the limit: it is likely to be used again.
        Return whether memory can be freed.
        """
        total, is_freed = sum(entry.size for entry in self._entries.values()), False
        latest = next((entry for entry in reversed(self._entries.values()) if entry.size), None)
        for name, entry in list(self._entries.items()):
            is_above = limit is not None and total > limit and entry.size > 0
            is_removable = not entry.users and entry is not latest
            if is_removable and (is_above or len(self._entries) > MAX_COUNT):
                del self._entries[name]
                total -= entry.size
                is_freed |= entry.size > 0
        return is_freed

    def _find_limit(self) -> int | None:
        return None if self._unlimited else self._get_limit()

    def _sum_sizes(self) -> int:
        with self._lock:
            return sum(entry.size for entry in self._entries.values())


_method: ContextVar[str] = ContextVar("method", default="")


@contextmanager
def load_for(method: str) -> Iterator[None]:
    """Note a method's title as the reason for the networks that are used inside."""
    token = _method.set(method)
    try:
        yield
    finally:
        _method.reset(token)


def get_limit() -> int:
    """Return the bytes that loaded networks may take: $SIMILARITY_MODEL_MB, or a quarter of memory.

    Raises SimilarityError if the variable is not a number.
    """
    text = os.environ.get(LIMIT, "").strip()
    if not text:
        return measure_memory() // SHARE
    if not (text.isascii() and text.isdigit()):
        raise SimilarityError(
            f"{LIMIT} is '{text}'. Set it to a number of megabytes, or remove it for a quarter of "
            "the machine's memory."
        )
    return int(text) * 1_000_000


@cache
def measure_memory() -> int:
    """Return the bytes of memory that this machine, or this container, has."""
    total = psutil.virtual_memory().total
    try:
        return min(total, int(CONTAINER_LIMIT.read_text(encoding="ascii")))
    except (OSError, ValueError):  # not in a container, or one without a limit
        return total


def count_bytes(module: Any) -> int:
    """Return the bytes of a torch module's parameters and buffers."""
    return sum(tensor.nbytes for tensor in (*module.parameters(), *module.buffers()))


networks = Networks(lambda: int(get_limit() * (1 - RESERVE)))
