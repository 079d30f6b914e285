"""What a process does for the first time, by several threads at once and by a whole build."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from harness.published_today import make_small_pe_core
from similarity import METHODS, open_catalogue
from similarity.loading import find_imported, load_once
from tests.units.conftest import PROJECT
from tests.units.racing import EVERYTHING

PUBLISHED = [key for key, method in METHODS.items() if method.published]


def select_always(keys: Iterable[str], always: Iterable[str]) -> list[Any]:
    """Parameters for these methods, of which all but some are slow."""
    return [key if key in always else pytest.param(key, marks=pytest.mark.slow) for key in keys]


def wrong(race: str) -> list[str]:
    """What went wrong in a race of tests.units.racing."""
    command = [sys.executable, "-m", "tests.units.racing", race]
    process = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    content: list[str] = json.loads(process.stdout)
    return content


# the race of everything covers all methods; these two also run alone every time
@pytest.mark.parametrize("key", select_always(METHODS, ["dinov3", "simclr_small"]))
def test_eight_threads_may_prepare_the_first_pictures_at_once(key: str) -> None:
    assert wrong(key) == []


def test_a_fresh_server_may_be_asked_for_everything_at_once() -> None:
    assert wrong(EVERYTHING) == []


def test_decoders_are_registered_before_a_thread_opens_the_first_picture() -> None:
    script = (
        "from PIL import Image\n"
        "from similarity.pictures.formats import FORMATS\n"
        "assert set(FORMATS) <= Image.OPEN.keys()\n"
        "assert 'WEBP' in Image.SAVE"
    )
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True)


@pytest.mark.parametrize("key", select_always(PUBLISHED, ["clip"]))
def test_a_fresh_process_builds_by_a_published_method(
    key: str, built_small: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_catalogue(built_small(key))
    assert key in shop.methods
    if key == "pe_core":
        monkeypatch.setitem(METHODS, key, make_small_pe_core())
    assert len(shop.search(key, product=shop.products.index[0], k=9)) == 9


def test_load_once_keeps_results_by_key_and_retries_after_an_error() -> None:
    loads: list[str] = []

    @load_once(key=str.lower)
    def load(name: str) -> str:
        loads.append(name)
        if len(loads) == 1:
            raise ImportError(name)
        return f"loaded {name}"

    with pytest.raises(ImportError):
        load("clip")
    assert [load("clip"), load("CLIP"), load("pixels")] == ["loaded clip"] * 2 + ["loaded pixels"]
    assert loads == ["clip", "clip", "pixels"]


def test_a_package_that_is_being_imported_is_not_used_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "half_done.py").write_text(
        "from similarity.loading import find_imported\nseen = find_imported(__name__)\n"
    )
    assert find_imported("half_done") is None
    module = importlib.import_module("half_done")
    assert module.seen is None
    assert find_imported("half_done") is module
