"""Packages that are hardly maintained any more: without one, only what it runs is gone."""

import sys
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import precompute.train
from precompute.__main__ import main as build
from precompute.train.__main__ import main as train
from similarity import METHODS, SimilarityError, inference, open_catalogue
from similarity.commands import INSTALL
from similarity.embedding import embed_pictures
from similarity.methods import lite0, towhee_pipe
from similarity.networks import networks
from tests.units.drawing import draw, write_pictures

Output = pytest.CaptureFixture[str]


def forget_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load networks and towhee's pipeline again when they are used."""
    monkeypatch.setattr(networks, "_entries", OrderedDict())
    monkeypatch.setattr(towhee_pipe._load_pipeline, "loaded", {})


LEGACY = ("towhee", "pl_bolts", "pytorch_lightning", "pkg_resources")


def hide(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a package one that is not installed, and forget what was imported by its help."""
    for name in [each for each in sys.modules if each.split(".")[0] in LEGACY]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    for part in ("simclr", "lit", "curve"):
        monkeypatch.delitem(sys.modules, f"precompute.train.{part}", raising=False)
        monkeypatch.delattr(precompute.train, part, raising=False)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of pictures, which only three methods are built of."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    before = dict(METHODS)
    for key in METHODS.keys() - {"pixels", "efficientnet", "conse"}:
        del METHODS[key]
    yield write_pictures(tmp_path / "shop", 6)
    METHODS.clear()  # their order counts
    METHODS.update(before)


def test_without_towhee_its_methods_are_left_out_and_the_others_are_built(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    inputs = inference.prepare_inputs(lite0.BACKBONE, [draw(0)])
    by_towhee = inference.load_network(lite0.BACKBONE).features(inputs)
    forget_loaded(monkeypatch)
    hide("towhee", monkeypatch)
    assert build(["--catalogue", str(shop)]) == 0
    output = " ".join(capsys.readouterr().err.split())
    assert "EfficientNet-Lite0 needs the package towhee" in output
    assert INSTALL in output
    catalogue = open_catalogue("shop")
    assert catalogue.methods == ["pixels", "conse"]
    assert len(catalogue.search("conse", text="a red hat", k=6)) == 6
    np.testing.assert_array_equal(
        inference.load_network(lite0.BACKBONE).features(inputs), by_towhee
    )


def test_without_towhee_a_method_that_is_named_is_an_error(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    hide("towhee", monkeypatch)
    assert build(["--catalogue", str(shop), "--methods", "efficientnet,pixels"]) == 1
    assert "needs the package towhee" in " ".join(capsys.readouterr().err.split())


def test_without_towhee_an_index_that_is_there_is_searched_by_product(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build(["--catalogue", str(shop), "--methods", "efficientnet"]) == 0
    forget_loaded(monkeypatch)
    hide("towhee", monkeypatch)
    catalogue = open_catalogue("shop")
    assert len(catalogue.search("efficientnet", product=catalogue.products.index[0], k=5)) == 5
    with pytest.raises(SimilarityError, match="needs the package towhee"):
        embed_pictures(METHODS["efficientnet"], [draw(0)])


@pytest.mark.parametrize("package", ["pl_bolts", "pytorch_lightning", "pkg_resources"])
def test_without_a_package_of_training_the_command_names_it(
    package: str, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    hide(package, monkeypatch)
    out = tmp_path / "mine.safetensors"
    assert train(["simclr", "--catalogue", str(shop), "--out", str(out), "--epochs", "1"]) == 1
    output = " ".join(capsys.readouterr().err.split())
    assert "Training needs a package that can't be imported here" in output
    assert package in output
    assert not out.exists()


def test_words_are_trained_without_lightning_bolts(monkeypatch: pytest.MonkeyPatch) -> None:
    hide("pl_bolts", monkeypatch)
    from precompute.train import lit

    assert callable(lit.train)
