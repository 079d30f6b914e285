"""What the pages show while a catalogue is being built."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from similarity.catalogue import THUMBNAIL_NOTE
from similarity.measures.maps import schema as maps
from similarity.measures.metrics import schema as metrics
from similarity.measures.robustness import schema as robustness
from similarity.store.progress import Progress, write_progress
from similarity.store.publish import lock_catalogue
from similarity.ui.shared.building import describe_progress
from tests.conftest import PROJECT, copy_by_links, present

# A page, what it lacks, and what it says meanwhile.
LACKING = {
    "measure": (metrics.PATH, "The methods are not measured yet."),
    "map": (maps.PATH, "The maps are not drawn yet."),
    "robustness": (robustness.PATH, "Robustness is not measured yet."),
}


def opened(name: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=120)
    page.switch_page(f"{name}.py")
    page.run()
    assert not page.exception
    return page


def bars(page: AppTest) -> list[str]:
    return [bar.proto.text.replace("\\", "") for bar in page.get("progress")]


@pytest.fixture
def hurt(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the demo of which nothing is measured."""
    copy = copy_by_links(demo, tmp_path / "demo")
    for place, _ in LACKING.values():
        (present(copy) / place).unlink()
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    st.cache_resource.clear()  # of the catalogue that this one is a copy of
    yield copy
    st.cache_resource.clear()


@pytest.mark.parametrize("name", LACKING)
def test_a_page_shows_what_follows_and_the_progress_of_the_build(name: str, hurt: Path) -> None:
    with lock_catalogue(hurt) as lock:
        write_progress(lock, Progress("Drawing maps", 1200, 6600, 41.0))
        page = opened(name)
        assert not page.error
        assert LACKING[name][1] in page.info[0].value
        assert bars(page) == ["Drawing maps · 1,200 of 6,600 · about 40 seconds left"]
    page.run()
    assert page.error, "the build has ended without it"
    # the copy is not beside its pictures
    assert {info.value for info in page.info} <= {THUMBNAIL_NOTE}
    assert not bars(page)


def test_compare_answers_while_the_rest_is_measured(hurt: Path) -> None:
    with lock_catalogue(hurt):
        page = opened("compare")
        assert not page.error
        assert not page.warning


def test_before_the_first_stage_is_published_every_page_shows_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    monkeypatch.setenv("SIMILARITY_CATALOGUE", str(tmp_path / "shop"))
    with lock_catalogue(tmp_path / "shop") as lock:
        write_progress(lock, Progress("Embedding", 320, 1320, 130.0))
        for name in ("compare", "measure"):
            page = opened(name)
            assert page.header[0].value == "The catalogue is being built"
            assert bars(page) == ["Embedding · 320 of 1,320 · about 2 minutes left"]
    page.run()
    assert page.header[0].value == "No catalogue is built yet"


def test_the_requested_catalogue_is_waited_for_even_if_others_exist(
    hurt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUE", "shop")
    with lock_catalogue(hurt.parent / "shop"):
        assert opened("compare").header[0].value == "The catalogue is being built"
    assert not opened("compare").header


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("Loading CLIP"), "Loading CLIP"),
        (Progress("Publishing", 0, 1), "Publishing"),
        (Progress("Embedding", 5, 10, 4.0), "Embedding · 5 of 10 · a few seconds left"),
        (Progress("Embedding", 5, 10, 90.0), "Embedding · 5 of 10 · about 2 minutes left"),
        (Progress("Embedding", 5, 10, 70.0), "Embedding · 5 of 10 · about 1 minute left"),
        (Progress("Embedding", 10, 10, 0.0), "Embedding · 10 of 10"),
    ],
)
def test_progress_is_described_in_words(progress: Progress, text: str) -> None:
    assert describe_progress(progress) == text
