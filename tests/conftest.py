"""Shared by tests of several kinds: catalogues that are built once, and the order of the tests."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

PROJECT = Path(__file__).parents[1]
LOCK = ".lock"  # of builds
UNLOCKED = shutil.ignore_patterns(LOCK)  # a link to a lock is that lock

# Weights that lie in this machine's caches are none of the tests' business: what they see there,
# they put there. Set before any library is imported, and for the processes that tests start.
# Not for benchmarks, which use some of this; a worker has those of the process that started it.
if "PYTEST_VERSION" in os.environ and "PYTEST_XDIST_WORKER" not in os.environ:
    _CACHES = tempfile.TemporaryDirectory()
    os.environ.update(
        HF_HOME=f"{_CACHES.name}/hf",
        TORCH_HOME=f"{_CACHES.name}/torch",
        SIMILARITY_CACHE=f"{_CACHES.name}/similarity",
    )
    os.environ.pop("HF_HUB_CACHE", None)
    # The test processes already occupy the cores. With two threads each, OpenMP threads spin
    # while they wait: training took more than twice the CPU time.
    os.environ["OMP_NUM_THREADS"] = "1"

# Tests that share what takes long to make run in one process, after one another: those in a
# browser, and those of Milvus; of others, those of a file.
TOGETHER = {"browser": "tests/browser/", "milvus": "milvus"}
# Quick tests come first, for early feedback, then the longest groups. The browser tests wait for
# the demo to be built; the other process runs the tests of methods meanwhile.
FIRST = [
    "tests/units/test_agreement.py",
    "tests/units/test_sums.py",
    "browser",
    "tests/units/test_methods.py",
    "milvus",
    "tests/units/test_training.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests in the order of FIRST, and those of a group that need no app before the others."""

    def place(item: pytest.Item) -> tuple[int, bool]:
        group = group_of(item.nodeid)
        at = FIRST.index(group) if group in FIRST else len(FIRST)
        return at, group in TOGETHER and item.nodeid.startswith("tests/app/")

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Have tests of a group run in one process (xdist's own groups need older test ids)."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByGroup(config, log)


def group_of(nodeid: str) -> str:
    """Return the group of a test."""
    file = nodeid.split("::")[0]
    return next((group for group, part in TOGETHER.items() if part in file), file)


Write = Callable[[Path], object]  # fills a folder
Shared = Callable[[str, Write], Path]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Return a function that creates a folder once for all test processes.

    `shared("demo", write)` returns its path.
    """
    base = tmp_path_factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    @cache
    def make(name: str, write: Write) -> Path:
        folder, done = root / name, root / f"{name}.done"
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                write(folder)
                done.touch()
        return folder

    return make


def run_module(module: str, *options: str | Path) -> None:
    """Run a module as a command. Raises AssertionError with its output if it fails."""
    command = [sys.executable, "-m", module, *map(str, options)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def built(shared: Shared) -> Path:
    """A folder of catalogues that holds a small demo with every method: see tests.demo."""
    return shared("catalogues", lambda folder: run_module("tests.demo", "--to", folder))


@pytest.fixture(scope="session")
def whole(shared: Shared) -> Path:
    """Return a folder of catalogues with a small demo and all methods, see tests.demo."""
    return shared("whole", lambda folder: run_module("precompute", "--to", folder))


@pytest.fixture
def demo(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of catalogues with the full demo, for slow tests."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(built))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    return built / "demo"


@pytest.fixture(scope="session")
def small(shared: Shared) -> Callable[[str], Path]:
    """Return a function that writes random weights of a published method with two layers."""
    from tests.units.small import METHODS, shrink, write_small

    @cache
    def written(key: str) -> Path:
        def write(folder: Path) -> None:
            before = METHODS["pe_core"]
            with pytest.MonkeyPatch.context() as patch:
                shrink(patch.setattr)
                write_small(key, folder)
            METHODS["pe_core"] = before

        return shared(f"small/{key}", write)

    return written


@pytest.fixture(scope="session")
def built_small(small: Callable[[str], Path], shared: Shared) -> Callable[[str], Path]:
    """Return a function that builds a catalogue of ten pictures by a small published method.

    Each is built in its own process; the folder of all is the same, and a catalogue is named after
    its method.
    """
    from similarity.methods import METHODS
    from tests.units.drawing import draw, encode, write_pictures

    def draw_pictures(folder: Path) -> None:
        write_pictures(folder, 9)
        # which takes a thread so long that another has begun to import what both need
        (folder / "large.png").write_bytes(encode(draw(9, (2400, 1800))))

    @cache
    def build_catalogue(key: str) -> Path:
        other = METHODS[key].pictures_by
        weights = {each: small(each) for each in [key, *([other.key] if other else [])]}
        pictures = shared("few", draw_pictures)
        options: list[str | Path] = [
            "--catalogue",
            pictures,
            "--name",
            key,
            "--methods",
            ",".join(weights),
        ]
        options += [f"--weights={each}={place}" for each, place in weights.items()]
        return shared(
            f"built_small/{key}",
            lambda folder: run_module("tests.units.small", *options, "--to", folder.parent),
        )

    return build_catalogue


@pytest.fixture
def by_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a catalogue like the article's, by pixels, whose products only have a colour."""
    from drawing import write_digikala
    from precompute.__main__ import main

    archive = tmp_path / "colours.zip"
    write_digikala(archive, per_kind=1)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    arguments = ["--catalogue", "digikala", "--from", str(archive), "--methods", "pixels"]
    assert main(arguments) == 0
    return tmp_path / "built" / "digikala"


def present(catalogue: Path) -> Path:
    """Return the folder of a catalogue's only generation."""
    (place,) = catalogue.glob("generations/*")
    return place


def copy_by_links(source: Path, target: Path) -> Path:
    """Copy a catalogue by hard links, which costs no space; a test may replace files in it.

    Without the lock: a link to one is that lock.
    """
    for path in source.rglob("*"):
        place = target / path.relative_to(source)
        left_out = path.relative_to(source).parts[0].startswith("pictures-") or path.name == LOCK
        if path.is_file() and not left_out:
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, place)
    return target
