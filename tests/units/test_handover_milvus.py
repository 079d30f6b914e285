"""The loader for Milvus, against Milvus Lite."""

import importlib
import sys
from pathlib import Path

import pytest

from similarity import Catalogue
from similarity.decisions.question import Question
from similarity.handover.folder import write_handover


def test_milvus_finds_what_the_catalogue_finds(
    shop: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pymilvus import MilvusClient

    folder = write_handover(shop, "tiny", tmp_path / "out", Question(), lambda *_: None)
    monkeypatch.syspath_prepend(str(folder))
    product = shop.products.index[3]
    row = shop.read_row(shop.resolve_method("tiny"), product)
    expected = shop.search("tiny", product=product, k=4)
    client = MilvusClient(str(tmp_path / "milvus.db"))
    try:
        loader = importlib.import_module("load_milvus")
        assert loader.load(client) == len(shop.products)
        hits = loader.search(client, row, 5)
    finally:
        client.close()
        for name in ("load_milvus", "vectors"):
            sys.modules.pop(name, None)
    assert [each for each, _ in hits] == [product, *(hit.product for hit in expected)]
    scores = [1.0, *(hit.score for hit in expected)]
    assert [score for _, score in hits] == pytest.approx(scores, abs=1e-3)
