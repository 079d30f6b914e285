"""Models that are loaded in the background let visitors' clicks go first."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

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
