"""The demo catalogue, built once by the real command for the tests of the app."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from precompute.__main__ import main
from precompute.demo import write_archive
from similarity.methods import METHODS
from tests.units.drawing import draw, encode, write_pictures
from tests.units.small import build_small, shrink, write_small

PROJECT = Path(__file__).parents[1]
BUILT = [key for key, method in METHODS.items() if not method.published]  # what everybody has

# Weights that lie in this machine's caches are none of the tests' business: what they see there,
# they put there. Set before any library is imported, and for the commands that tests start.
_CACHES = tempfile.TemporaryDirectory()
os.environ.update(
    HF_HOME=f"{_CACHES.name}/hf",
    TORCH_HOME=f"{_CACHES.name}/torch",
    SIMILARITY_CACHE=f"{_CACHES.name}/similarity",
)
os.environ.pop("HF_HUB_CACHE", None)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of catalogues that holds the demo with every method."""
    folder = tmp_path_factory.mktemp("catalogues")
    command = [sys.executable, "-m", "precompute", "--to", str(folder)]
    subprocess.run(command, cwd=PROJECT, check=True)
    return folder


@pytest.fixture
def demo(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The built demo's folder, with SIMILARITY_CATALOGUES pointing to it."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(built))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    return built / "demo"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Random weights of published methods of two layers, to be named: small("clip")."""
    folder = tmp_path_factory.mktemp("small")

    @cache
    def written(key: str) -> Path:
        before = METHODS["pe_core"]
        with pytest.MonkeyPatch.context() as patch:
            shrink(patch.setattr)
            place = write_small(key, folder / key)
        METHODS["pe_core"] = before
        return place

    return written


@pytest.fixture(scope="session")
def built_small(
    small: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Catalogues of ten pictures, each built by a published method of two layers in a process of
    its own: built_small("clip") has that name, and its folder is one for all of them."""
    folder = tmp_path_factory.mktemp("built_small")
    pictures = write_pictures(folder / "pictures", 9)
    # which takes a thread so long that another has begun to import what both need
    (pictures / "large.png").write_bytes(encode(draw(9, (2400, 1800))))

    @cache
    def made(key: str) -> Path:
        other = METHODS[key].pictures_by
        weights = {each: small(each) for each in [key, *([other.key] if other else [])]}
        told = build_small(pictures, key, weights, folder / "built")
        assert told.returncode == 0, told.stderr
        return folder / "built" / key

    return made


@pytest.fixture
def by_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue as the article's, by pixels: of every product the colour is known alone."""
    archive = tmp_path / "colours.zip"
    write_archive(archive, per_kind=1)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    given = ["--catalogue", "digikala", "--from", str(archive), "--methods", "pixels"]
    assert main(given) == 0
    return tmp_path / "built" / "digikala"


def copy_by_links(source: Path, target: Path) -> Path:
    """A copy of a catalogue that costs no space: a test may replace files in it."""
    for path in source.rglob("*"):
        place = target / path.relative_to(source)
        if path.is_file() and not path.relative_to(source).parts[0].startswith("pictures-"):
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, place)
    return target
