"""The demo in Milvus: the real methods answer as from files, and the page bears what happens."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from harness.databases import serve_lite
from precompute.__main__ import main as precompute
from similarity import Catalogue, open_catalogue
from similarity.indexes.milvus.database import connect, disconnect
from similarity.indexes.milvus.index import MilvusIndex
from tests.app.test_compare_page import DEFAULT_K, answers, visit
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
    with serve_lite(folder / "database") as address:
        arguments = ["--to", str(folder), "--methods", ",".join(METHODS), "--milvus-uri", address]
        assert precompute(arguments) == 0
        yield Moved(folder, folder / "database", address)
        disconnect(address)


@pytest.fixture
def remote(moved: Moved, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(moved.catalogues))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    return open_catalogue("demo")


@pytest.mark.parametrize("method", METHODS)
def test_two_hundred_queries_have_the_same_answers(
    method: str, built: Path, remote: Catalogue
) -> None:
    ours = open_catalogue(built / "demo")
    one, other = (
        ours.open_index(ours.resolve_method(method)),
        remote.open_index(remote.resolve_method(method)),
    )
    assert isinstance(other, MilvusIndex)
    everything = np.arange(one.count)
    np.testing.assert_array_equal(one.read(everything), other.read(everything))
    drawn = np.random.default_rng(0).permutation(one.count)[:QUERIES]
    for position in drawn.tolist():
        product = ours.products.index[position]
        expected = ours.search(method, product=product, k=12)
        scores = {hit.product: hit.score for hit in ours.search(method, product=product, k=24)}
        for hit, same in zip(remote.search(method, product=product, k=12), expected, strict=True):
            assert hit.score == pytest.approx(same.score, abs=ROUNDING)
            if hit.product != same.product:  # the order of those that differ by rounding
                assert scores[hit.product] == pytest.approx(same.score, abs=ROUNDING)


def test_text_searches_have_the_same_results(built: Path, remote: Catalogue) -> None:
    ours = open_catalogue(built / "demo")
    for text in ("a red dress", "something to sit on", "blue mug"):
        expected = ours.search("lit", text=text, k=12)
        hits = remote.search("lit", text=text, k=12)
        assert [hit.product for hit in hits] == [hit.product for hit in expected]


def test_the_page_is_the_same(remote: Catalogue) -> None:
    page = visit(methods="pixels,efficientnet,lit")
    assert not page.error
    columns = answers(page)
    assert list(columns) == ["pixels", "efficientnet", "lit"]
    assert all(len(column["pictures"]) == DEFAULT_K for column in columns.values())
    assert columns["efficientnet"]["recall"] == "", "it compares every product"


def test_a_database_that_stops_affects_only_its_methods(
    remote: Catalogue, moved: Moved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(
        moved.catalogues / "demo", tmp_path / "demo", copy_function=os.link, ignore=UNLOCKED
    )
    shutil.copytree(moved.database, tmp_path / "database")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    with serve_lite(tmp_path / "database") as address:
        arguments = ["--to", str(tmp_path), "--methods", "efficientnet", "--milvus-uri", address]
        assert precompute(arguments) == 0
        assert (
            len(answers(visit(methods="pixels,efficientnet"))["efficientnet"]["pictures"])
            == DEFAULT_K
        )
    # only now, because a running database may take longer than that on a busy machine
    for place in ("similarity.indexes.milvus.database", "similarity.indexes.milvus.index"):
        monkeypatch.setattr(f"{place}.TIMEOUT", 1.0)
    page = visit(methods="pixels,efficientnet")
    columns = answers(page)
    assert len(columns["pixels"]["pictures"]) == DEFAULT_K
    message = columns["efficientnet"]["message"]
    assert "EfficientNet-Lite0 can't be searched now" in message
    assert "doesn't answer" in message
    assert "Build it again" not in message
    disconnect(address)


def test_a_collection_that_vanishes_names_the_command_in_its_column(
    remote: Catalogue, moved: Moved
) -> None:
    index = remote.open_index(remote.resolve_method("lit"))
    assert isinstance(index, MilvusIndex)
    connect(moved.address).drop_collection(index.collection)
    columns = answers(visit(methods="efficientnet,lit"))
    assert len(columns["efficientnet"]["pictures"]) == DEFAULT_K
    assert "python -m precompute" in columns["lit"]["message"]
