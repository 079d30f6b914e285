"""The article's notebook beside this project: both answer the same, and a difference is seen."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from benchmarks import article, notebook
from harness.published import WRITERS
from precompute.__main__ import main as precompute
from precompute.progress import Steps
from similarity import METHODS, Catalogue, open_catalogue
from similarity.methods import Method, bind_available_weights
from tests.units.conftest import forget_networks
from tests.units.drawing import write_pictures

Published = Callable[[str], Method]
COUNT = 14


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test loads is let go of after it: each network takes some hundred megabytes."""
    yield
    forget_networks()


@pytest.fixture
def step() -> Iterator[Steps]:
    with Steps(Console(quiet=True)) as steps:
        yield steps


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = write_pictures(tmp_path / "few", COUNT)
    assert precompute(["--catalogue", str(source), "--methods", "pixels"]) == 0
    return open_catalogue("few")


@pytest.mark.parametrize("key", ["pixels", "efficientnet", "clip"])
def test_the_notebook_and_this_project_answer_the_same(
    key: str, published: Published, step: Steps, tmp_path: Path
) -> None:
    check_same(published(key) if METHODS[key].published else METHODS[key], step, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["resnet50", "simclr", "clip"])
def test_threads_get_their_own_vectors_at_true_size(key: str, step: Steps, tmp_path: Path) -> None:
    check_same(
        bind_available_weights(METHODS[key], str(WRITERS[key](tmp_path / key))), step, tmp_path
    )


def check_same(method: Method, step: Steps, tmp_path: Path) -> None:
    """The notebook's answers by a method are this project's, and so are the vectors."""
    pictures = sorted(write_pictures(tmp_path / "few", COUNT).iterdir())
    comparison = article.compare_method(method, pictures, tmp_path, step)
    assert comparison.equivalent == comparison.queries == comparison.pictures == COUNT
    assert comparison.cosine >= 0.9999
    assert min(*comparison.embedding, *comparison.search) > 0


def test_other_results_and_other_vectors_are_detected(few: Catalogue, step: Steps) -> None:
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"embedding": list(rng.random((COUNT, METHODS["pixels"].dim)))})
    comparison = article.compare_results(METHODS["pixels"], few, df, (1, 1), step)
    assert comparison.equivalent < COUNT
    assert comparison.gap > article.TIE
    assert comparison.cosine < 0.99


def test_the_command_prints_both_times_and_the_skipped_methods(
    few: Catalogue, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article, "ROWS", 12)
    assert article.main(["--catalogue", "few"]) == 0
    output = capsys.readouterr().out
    lines = {line.split()[1]: line for line in output.splitlines() if line.startswith("│")}
    assert set(lines) == {"pixels", "efficientnet"}
    assert "12 of 12" in lines["pixels"], "as many pictures as the article's notebook could"
    assert "14 of 14" in lines["efficientnet"]
    assert "python -m precompute fetch clip" in output


def test_a_method_missing_from_the_notebook_is_refused(
    few: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    assert article.main(["--catalogue", "few", "--methods", "conse"]) == 1
    assert "The notebook has no conse" in capsys.readouterr().out
    assert article.main(["--catalogue", "few", "--methods", "clip"]) == 1
    assert "python -m precompute fetch clip" in " ".join(capsys.readouterr().out.split())


def test_fetched_clip_weights_are_completed_for_the_library(
    published: Published, tmp_path: Path
) -> None:
    method = published("clip")
    assert method.bound_weights
    fetched = tmp_path / "fetched"
    for file in notebook.find_weights(method):
        (fetched / "0_CLIPModel").mkdir(parents=True, exist_ok=True)
        os.link(file, fetched / "0_CLIPModel" / file.name)
    (picture,) = write_pictures(tmp_path / "few", 1).iterdir()
    whole, article_alone = (
        notebook.load_clip(each)(str(picture))
        for each in (method, bind_available_weights(method, str(fetched)))
    )
    np.testing.assert_array_equal(whole, article_alone)
