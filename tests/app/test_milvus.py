"""The demo in Milvus: the real methods answer as from files, and the page bears what happens."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from harness.databases import served
from precompute.__main__ import main as precompute
from similarity import Catalogue, open_catalogue
from similarity.indexes.milvus.database import connect, disconnect
from similarity.indexes.milvus.index import MilvusIndex
from tests.app.test_compare_page import K, answers, visit
from tests.conftest import UNLOCKED

pytest.importorskip("pymilvus", reason="python3 -m install --scale")
METHODS = ("efficientnet", "lit")
QUERIES = 200
ROUNDING = 1e-6  # of cosines that two programs compute of the same float32 numbers


class Moved(NamedTuple):
    """A folder of catalogues whose demo is in Milvus, the database's folder, and its address."""

    catalogues: Path
    database: Path
    address: str


@pytest.fixture(scope="module")
def moved(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    folder = tmp_path_factory.mktemp("moved")
    shutil.copytree(built / "demo", folder / "demo", copy_function=os.link, ignore=UNLOCKED)
    with served(folder / "database") as address:
        given = ["--to", str(folder), "--methods", ",".join(METHODS), "--milvus-uri", address]
        assert precompute(given) == 0
        yield Moved(folder, folder / "database", address)
        disconnect(address)


@pytest.fixture
def theirs(moved: Moved, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(moved.catalogues))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    return open_catalogue("demo")


@pytest.mark.parametrize("method", METHODS)
def test_two_hundred_queries_have_the_same_answers(
    method: str, built: Path, theirs: Catalogue
) -> None:
    ours = open_catalogue(built / "demo")
    one, other = ours.index(ours.method(method)), theirs.index(theirs.method(method))
    assert isinstance(other, MilvusIndex)
    everything = np.arange(one.count)
    np.testing.assert_array_equal(one.read(everything), other.read(everything))
    drawn = np.random.default_rng(0).permutation(one.count)[:QUERIES]
    for position in drawn.tolist():
        product = ours.products.index[position]
        expected = ours.search(method, product=product, k=12)
        known = {hit.product: hit.score for hit in ours.search(method, product=product, k=24)}
        for hit, same in zip(theirs.search(method, product=product, k=12), expected, strict=True):
            assert hit.score == pytest.approx(same.score, abs=ROUNDING)
            if hit.product != same.product:  # the order of those that differ by rounding
                assert known[hit.product] == pytest.approx(same.score, abs=ROUNDING)


def test_words_have_the_same_answers(built: Path, theirs: Catalogue) -> None:
    ours = open_catalogue(built / "demo")
    for text in ("a red dress", "something to sit on", "blue mug"):
        expected = ours.search("lit", text=text, k=12)
        found = theirs.search("lit", text=text, k=12)
        assert [hit.product for hit in found] == [hit.product for hit in expected]


def test_the_page_is_the_same(theirs: Catalogue) -> None:
    page = visit(methods="pixels,efficientnet,lit")
    assert not page.error
    shown = answers(page)
    assert list(shown) == ["pixels", "efficientnet", "lit"]
    assert all(len(column["pictures"]) == K for column in shown.values())
    assert shown["efficientnet"]["finds"] == "", "it compares every product"


def test_a_database_that_goes_while_the_app_runs_costs_its_methods_alone(
    theirs: Catalogue, moved: Moved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("similarity.indexes.milvus.database", "similarity.indexes.milvus.index"):
        monkeypatch.setattr(f"{place}.PATIENCE", 1.0)
    shutil.copytree(
        moved.catalogues / "demo", tmp_path / "demo", copy_function=os.link, ignore=UNLOCKED
    )
    shutil.copytree(moved.database, tmp_path / "database")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    with served(tmp_path / "database") as address:
        given = ["--to", str(tmp_path), "--methods", "efficientnet", "--milvus-uri", address]
        assert precompute(given) == 0
        assert len(answers(visit(methods="pixels,efficientnet"))["efficientnet"]["pictures"]) == K
    page = visit(methods="pixels,efficientnet")
    shown = answers(page)
    assert len(shown["pixels"]["pictures"]) == K
    said = shown["efficientnet"]["message"]
    assert "EfficientNet-Lite0 can't be searched now" in said
    assert "does not answer" in said
    assert "Build it again" not in said
    disconnect(address)


def test_a_collection_that_vanishes_names_the_command_in_its_column(
    theirs: Catalogue, moved: Moved
) -> None:
    index = theirs.index(theirs.method("lit"))
    assert isinstance(index, MilvusIndex)
    connect(moved.address).drop_collection(index.collection)
    shown = answers(visit(methods="efficientnet,lit"))
    assert len(shown["efficientnet"]["pictures"]) == K
    assert "python -m precompute" in shown["lit"]["message"]
