"""Models that are loaded in the background let visitors' clicks go first."""

import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from similarity.errors import SimilarityError
from similarity.networks import Networks
from similarity.ui.shared import warm


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[float]], float]:
    """Wait for quiet while visitors click at these times; returns when that ended."""

    def run(clicks: list[float]) -> float:
        now = 0.0

        def sleep(seconds: float) -> None:
            nonlocal now
            now += seconds
            while clicks and clicks[0] <= now:
                monkeypatch.setattr(warm, "_last_run", clicks.pop(0))

        monkeypatch.setattr(warm, "time", SimpleNamespace(monotonic=lambda: now, sleep=sleep))
        monkeypatch.setattr(warm, "_last_run", 0.0)
        warm.wait_for_quiet()
        return now

    return run


def test_a_model_loads_when_nobody_has_clicked_for_a_while(
    wait: Callable[[list[float]], float],
) -> None:
    assert wait([]) == warm.QUIET_TIME
    assert wait([1.0, 2.5, 4.0]) == 4.0 + warm.QUIET_TIME
    assert wait([1.0, 4.5]) == 1.0 + warm.QUIET_TIME, (
        "the second click came too late to be waited for"
    )


def test_clicks_delay_loading_only_for_some_time(
    wait: Callable[[list[float]], float],
) -> None:
    assert wait([float(second) for second in range(1, 100)]) == warm.MAX_DELAY


class Shelf:
    """A catalogue that resolves methods, as far as loading in advance is concerned."""

    def __init__(self, number: int = 1) -> None:
        self.folder, self.generation = Path("shelf"), SimpleNamespace(number=number)

    def resolve_method(self, key: str) -> Any:
        if key == "broken":
            raise SimilarityError("its index is damaged")
        return SimpleNamespace(key=key, parameters=1_000_000_000 if key == "huge" else 10)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods that are loaded in advance, in order, without waiting for quiet."""
    warm._queue.clear()  # of pages that other tests have shown
    while worker := warm._worker:
        worker.join(10)
    keys: list[str] = []
    monkeypatch.setattr(warm, "_load_method", lambda method: keys.append(method.key))
    monkeypatch.setattr(warm, "wait_for_quiet", lambda: None)
    monkeypatch.setattr(warm, "_requested", OrderedDict())
    return keys


def warm_up(keys: list[str], catalogue: Shelf) -> None:
    """Load in advance, and wait until it is done."""
    warm.warm_up(keys, cast(Any, catalogue))
    while worker := warm._worker:
        worker.join(10)


def test_each_method_of_a_catalogue_is_loaded_in_advance_once(loads: list[str]) -> None:
    for keys in (["a"], ["a", "broken", "b"], ["b", "a"]):
        warm_up(keys, Shelf())
    assert loads == ["a", "b"]
    warm_up(["b"], Shelf(number=2))
    assert loads == ["a", "b", "b"], "another build may use other weights"


def test_no_model_is_loaded_in_advance_without_free_memory(
    loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "networks", Networks(lambda: 1_000_000))
    warm_up(["huge", "a"], Shelf())
    assert loads == ["a"]


def test_requests_for_loading_are_remembered_up_to_a_number(loads: list[str]) -> None:
    for number in range(3 * warm.MAX_REQUESTS):
        warm_up(["a"], Shelf(number))
    assert len(loads) == 3 * warm.MAX_REQUESTS
    assert len(warm._requested) == warm.MAX_REQUESTS
    for number in range(2 * warm.MAX_REQUESTS):
        while not warm.is_loaded(f"method {number}", lambda: None):
            time.sleep(0.001)
    assert len(warm._threads) <= warm.MAX_REQUESTS + 1
