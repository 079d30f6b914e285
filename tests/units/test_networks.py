"""Loaded networks: the least recently used go above a limit, never one that is in use."""

import gc
import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from similarity import compiled, networks
from similarity.compiled import get_cache_folder
from similarity.errors import SimilarityError
from similarity.loading import freeze_gc, refreeze_gc
from similarity.measures.neighbours.schema import MAX_OVERLAPS, Neighbours
from similarity.networks import LIMIT, Loaded, Networks, get_limit, load_for
from tests.conftest import PROJECT


class Loader:
    """Loads functions of a size by name, and counts how often."""

    def __init__(self) -> None:
        self.loads: list[str] = []

    def __call__(self, name: str, size: int = 40) -> Callable[[], Loaded[Callable[[int], str]]]:
        def load() -> Loaded[Callable[[int], str]]:
            self.loads.append(name)
            return Loaded(lambda number: f"{name} {number}", size)

        return load


def use(owner: Networks, loader: Loader, name: str, size: int = 40) -> None:
    with owner.use(name, loader(name, size)) as network:
        assert network(1) == f"{name} 1"


def list_names(owner: Networks) -> list[str]:
    return [network.name for network in owner.describe_loaded()]


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the garbage of many loads to Python."""
    monkeypatch.setattr(networks, "freeze_gc", lambda: None)
    monkeypatch.setattr(networks, "refreeze_gc", lambda: None)


def test_the_least_recently_used_network_goes_above_the_limit(loader: Loader) -> None:
    owner = Networks(lambda: 100)
    for name in ("a", "b", "a", "c"):
        use(owner, loader, name)
    assert list_names(owner) == ["c", "a"]
    use(owner, loader, "a")
    assert loader.loads == ["a", "b", "c"]
    use(owner, loader, "b")
    assert list_names(owner) == ["b", "a"]
    assert loader.loads == ["a", "b", "c", "b"]


def test_a_network_in_use_is_not_let_go(loader: Loader) -> None:
    owner = Networks(lambda: 50)
    with owner.use("a", loader("a")) as network:
        for name in ("b", "c"):
            use(owner, loader, name)
        assert "a" in list_names(owner)
        assert network(2) == "a 2"
        with owner.use("a", loader("a")) as same:
            assert same is network
    assert loader.loads == ["a", "b", "c"]
    use(owner, loader, "d")
    assert list_names(owner) == ["d"]


def test_a_network_above_the_limit_is_used_alone(loader: Loader) -> None:
    owner = Networks(lambda: 50)
    for name, size in (("a", 20), ("large", 300), ("b", 20)):
        use(owner, loader, name, size)
        assert name in list_names(owner)
    assert list_names(owner) == ["b"]
    assert owner.has_room(30)
    assert not owner.has_room(31)


def test_a_held_function_loads_its_network_again(loader: Loader) -> None:
    owner = Networks(lambda: 50)
    run = owner.hold("a", loader("a"))
    use(owner, loader, "b")
    assert list_names(owner) == ["b"]
    assert run(7) == "a 7"
    assert loader.loads == ["a", "b", "a"]


@pytest.mark.usefixtures("quick")
def test_many_empty_networks_are_let_go_too(loader: Loader) -> None:
    owner = Networks(lambda: 50)
    for number in range(3 * networks.MAX_COUNT):
        use(owner, loader, str(number), 0)
    assert len(owner._entries) == networks.MAX_COUNT


def test_a_failed_load_is_tried_again(loader: Loader) -> None:
    owner, failures = Networks(lambda: 50), 0

    def fail() -> Loaded[Any]:
        nonlocal failures
        failures += 1
        raise SimilarityError("no weights")

    for _ in range(2):
        with pytest.raises(SimilarityError, match="no weights"), owner.use("a", fail):
            pass
    assert failures == 2
    use(owner, loader, "a")


@pytest.mark.usefixtures("quick")
def test_threads_share_networks_within_the_limit(loader: Loader) -> None:
    owner, start = Networks(lambda: 100), threading.Barrier(8)

    def work(seed: int) -> None:
        start.wait()
        for step in range(50):
            use(owner, loader, "abcde"[(seed + step * (1 + seed % 3)) % 5])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    use(owner, loader, "a")
    use(owner, loader, "f")
    assert sum(network.size for network in owner.describe_loaded()) <= 100


def test_builds_keep_every_network_that_they_use(loader: Loader) -> None:
    owner = Networks(lambda: 50)
    with owner.lift_limit():
        for name in "abcabc":
            use(owner, loader, name)
        assert owner.has_room(1000)
    assert loader.loads == ["a", "b", "c"]
    use(owner, loader, "d")
    assert list_names(owner) == ["d"]


def test_a_network_names_the_methods_that_use_it(loader: Loader) -> None:
    owner = Networks(lambda: 100)
    for title in ("LiT", "ConSE", "LiT"):
        with load_for(title):
            use(owner, loader, "words")
    ((name, size, methods, idle),) = owner.describe_loaded()
    assert (name, size, methods) == ("words", 40, ["ConSE", "LiT"])
    assert 0 <= idle < 60


def test_the_limit_is_a_setting_and_a_quarter_of_memory_by_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(LIMIT, raising=False)
    container = tmp_path / "memory.max"
    monkeypatch.setattr(networks, "CONTAINER_LIMIT", container)
    monkeypatch.setattr(networks, "measure_memory", networks.measure_memory.__wrapped__)
    assert get_limit() == psutil.virtual_memory().total // 4
    for content, expected in (("max\n", get_limit()), ("1000000000\n", 250_000_000)):
        container.write_text(content)
        assert get_limit() == expected
    monkeypatch.setenv(LIMIT, "700")
    assert get_limit() == 700_000_000
    for wrong in ("1 GB", "-5", "0.5"):
        monkeypatch.setenv(LIMIT, wrong)
        with pytest.raises(SimilarityError, match="number of megabytes"):
            get_limit()


@pytest.mark.parametrize(
    ("layers", "limit"), [(3, 300), pytest.param(20, 1200, marks=pytest.mark.large)]
)
def test_a_process_that_uses_many_methods_stays_below_the_limit(
    layers: int, limit: int, tmp_path: Path
) -> None:
    """The packaged ones and three large ones, which take by far more than the limit together."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.units.using", str(layers)],
        cwd=PROJECT,
        env=os.environ | {LIMIT: str(limit), "SIMILARITY_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    figures = json.loads(result.stdout.splitlines()[-1])
    assert figures["limit"] == limit * 1_000_000
    assert limit / 2 * 1e6 < figures["counted"] <= figures["limit"]
    assert figures["used"] <= figures["limit"]


def test_objects_of_ended_sessions_are_freed_although_they_were_frozen() -> None:
    class Session:
        pass

    session = Session()
    session.itself = session  # type: ignore[attr-defined]
    ended = weakref.ref(session)
    freeze_gc()
    del session
    gc.collect()
    assert ended() is not None, "it is frozen"
    refreeze_gc()
    assert ended() is None


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIMILARITY_CACHE", str(tmp_path))
    folder = get_cache_folder() / "networks"
    for age, name in enumerate(("replaced@1", "old@1", "new@1", "newest@1")):
        (folder / name).mkdir(parents=True)
        (folder / name / "model.bin").write_bytes(bytes(100))
        os.utime(folder / name, (1e9 + age, 1e9 + age))
    return folder


def test_saved_networks_that_nobody_loads_are_removed(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "MAX_SAVED", 250)
    os.utime(saved / "old@1")  # it was just loaded
    compiled._remove_unused(saved / "newest@1")
    assert sorted(path.name for path in saved.iterdir()) == ["newest@1", "old@1"]
    monkeypatch.setattr(compiled, "MAX_SAVED", 50)
    compiled._remove_unused(saved / "newest@1")
    assert [path.name for path in saved.iterdir()] == ["newest@1"], "also if it is above the limit"


def test_shared_neighbours_are_cached_for_a_limited_number_of_pairs() -> None:
    rows = np.arange(300).reshape(3, 100)
    neighbours = Neighbours(
        [str(number) for number in range(300)], {}, np.arange(3), {"one": rows, "other": rows + 1}
    )
    for _ in range(2):
        for k in range(1, MAX_OVERLAPS + 20):
            overlap = neighbours.compute_overlap("one", "other", k)
            assert overlap.tolist() == [min(k, 100) - 1] * 3
            assert len(neighbours._overlaps) <= MAX_OVERLAPS
