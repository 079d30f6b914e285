"""Methods that users brought, on every page."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main
from similarity import open_catalogue
from similarity.candidates import python_code
from similarity.measures.robustness.schema import load_robustness
from tests.app.test_other_catalogues import read_columns, visit
from tests.units.conftest import forget_networks
from tests.units.drawing import draw, encode
from tests.units.own_models import make_vectors, write_mine, write_model

KEYS = ["pixels", "mine", "net", "vendor"]


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A catalogue with our pixels, a folder of transformers, a Python file, and vectors."""
    folder = tmp_path_factory.mktemp("own")
    for seed in range(60):
        path = folder / "shop" / "ab"[seed % 2] / f"{seed:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(draw(seed, (48, 40))))
    write_model(folder / "model")
    write_mine(folder / "mine.py")
    make_vectors(folder / "shop").to_parquet(folder / "vectors.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMILARITY_CATALOGUES", str(folder / "built"))
        patch.setattr("similarity.measures.robustness.compute.SAMPLE", 20)
        patch.chdir(folder)
        specifications = "pixels,net=hf:./model,./mine.py,vendor=vectors:vectors.parquet"
        assert main(["--catalogue", "./shop", "--methods", specifications]) == 0
        forget_networks()
        patch.setattr(python_code, "_permitted", set())  # the app is another process
        yield folder
        forget_networks()


def read_text(page: AppTest) -> str:
    """All prose of a page, without the escapes of Markdown."""
    elements = [*page.markdown, *page.caption, *page.info, *page.warning]
    return re.sub(r"\\(.)", r"\1", " ".join(element.value for element in elements))


@pytest.mark.usefixtures("brought")
def test_compare_shows_them_beside_ours() -> None:
    columns = read_columns(visit(methods=",".join(KEYS)))
    assert [column["key"] for column in columns] == KEYS
    assert [column["title"] for column in columns] == ["Pixels", "Mean colours", "net", "vendor"]
    assert len({column["colour"] for column in columns}) == 4
    assert all(len(column["pictures"]) == 12 for column in columns)


def test_learn_says_how_to_start_the_app_with_code_that_it_needs(brought: Path) -> None:
    page = visit("learn.py", methods="mine")
    deadline = time.monotonic() + 60
    while not page.error and time.monotonic() < deadline:  # until the loader has failed
        page.run()
    assert [error.value for error in page.error] == ["This part can't be shown."]
    assert f"SIMILARITY_METHODS={brought / 'mine.py'}" in " ".join(e.value for e in page.code)


@pytest.mark.usefixtures("brought")
def test_they_are_measured_like_ours_and_vectors_alone_are_not_distorted() -> None:
    catalogue = open_catalogue("shop")
    assert list(load_robustness(catalogue).methods) == ["pixels", "mine", "net"]
    page = visit("measure.py")
    boards = [e.proto.json for e in page.get("bidi_component") if "scorecard" in e.proto.id]
    assert all(title in boards[0] for title in ("Mean colours", "net", "vendor"))


@pytest.mark.usefixtures("brought")
def test_robustness_says_why_vectors_are_not_measured() -> None:
    text = read_text(visit("robustness.py"))
    assert "Not measured: vendor, which can't embed new pictures." in text


def test_a_card_says_what_was_built_and_what_nobody_stated(brought: Path) -> None:
    text = read_text(visit("methods.py"))
    assert "Your models" in [header.value for header in visit("methods.py").header]
    assert f"loads it from {brought / 'model'} (SHA-256" in text
    assert f":gray[Added as] net=hf:{brought / 'model'}" in text
    assert ":gray[Licence] not stated." in text
    assert ":gray[Source] not stated." in text
    assert ":gray[Licence] CC0-1.0." in text
    assert ":gray[Input] none, because there is no model." in text
    assert ":gray[Input] 32 × 32 px." in text


def test_words_that_code_would_have_to_embed_say_how_to_start_the_app(brought: Path) -> None:
    (column,) = read_columns(visit(text="red", text_methods="mine"))
    assert column["failed"]
    assert f"SIMILARITY_METHODS={brought / 'mine.py'}" in column["message"]


def test_code_that_the_app_was_started_with_answers_words(
    brought: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_METHODS", str(brought / "mine.py"))
    (column,) = read_columns(visit(text="blue", text_methods="mine"))
    assert not column["failed"]
    assert len(column["pictures"]) == 12


@pytest.mark.parametrize("name", ["measure.py", "map.py", "robustness.py", "vote.py", "learn.py"])
def test_every_page_opens_with_them(
    name: str, brought: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_METHODS", str(brought / "mine.py"))
    page = visit(name, methods=",".join(KEYS))
    assert not page.error
