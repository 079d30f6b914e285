"""What a process does for the first time, by several threads at once and by a whole build."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from similarity import METHODS, open_catalogue
from similarity.loading import load_once
from tests.units.conftest import PROJECT, draw, encode, write_pictures
from tests.units.published_today import small_pe_core
from tests.units.small import shrink, write_small

PUBLISHED = [key for key, method in METHODS.items() if method.published]
# those whose pictures are prepared by libraries that once were imported by two threads at a time
RACED = ["clip", "dinov3"]


@pytest.fixture(scope="module")
def wrong() -> dict[str, list[str]]:
    """What went wrong as eight threads prepared the first pictures, by method."""
    command = [sys.executable, "-m", "tests.units.racing"]
    told = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    return json.loads(told.stdout)


@pytest.mark.parametrize("key", METHODS)
def test_eight_threads_may_prepare_the_first_pictures_at_once(
    key: str, wrong: dict[str, list[str]]
) -> None:
    assert wrong[key] == []


def test_decoders_are_there_before_a_thread_opens_the_first_picture() -> None:
    script = (
        "from PIL import Image\n"
        "from similarity.pictures import FORMATS\n"
        "assert set(FORMATS) <= Image.OPEN.keys()\n"
        "assert 'WEBP' in Image.SAVE"
    )
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folders with random weights of published methods of two layers: small("clip")."""
    folder = tmp_path_factory.mktemp("small")
    before = dict(METHODS)

    def written(key: str) -> Path:
        place = folder / key
        if not place.exists():
            with pytest.MonkeyPatch.context() as patch:
                shrink(patch.setattr)
                write_small(key, place)
            METHODS.update(before)
        return place

    return written


@pytest.mark.parametrize(
    "key",
    [key if key in RACED else pytest.param(key, marks=pytest.mark.slow) for key in PUBLISHED],
)
def test_a_fresh_process_builds_by_a_published_method(
    key: str, small: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = write_pictures(tmp_path / "shop", 9)
    # which takes a thread so long that another has begun to import what both need
    (pictures / "large.png").write_bytes(encode(draw(9, (2400, 1800))))
    other = METHODS[key].pictures_by
    keys = [key, *([other.key] if other else [])]
    weights = [f"--weights={each}={weights_of(small(each))}" for each in keys]
    command = [sys.executable, "-m", "tests.units.small", "--catalogue", str(pictures), *weights]
    told = subprocess.run(
        [*command, "--methods", ",".join(keys), "--to", str(tmp_path / "built")],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    if key == "pe_core":
        monkeypatch.setitem(METHODS, key, small_pe_core())
    shop = open_catalogue(tmp_path / "built" / "shop")
    assert set(shop.methods) == set(keys)
    for each in keys:
        assert len(shop.search(each, product=shop.products.index[0], k=9)) == 9


def weights_of(place: Path) -> Path:
    """The folder, or the one file in it, that a method's weights are named by."""
    files = [path for path in place.rglob("*") if path.is_file()]
    return files[0] if len(files) == 1 else place


def test_what_is_loaded_once_is_kept_by_its_key_and_tried_again_after_an_error() -> None:
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
