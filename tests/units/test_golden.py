"""Golden queries of a handover: written, asked again, and refused if they are damaged."""

import json
from pathlib import Path

import numpy as np
import pytest

from precompute.__main__ import main as precompute
from similarity import Catalogue, open_catalogue
from similarity.decisions.question import Question
from similarity.errors import SimilarityError
from similarity.handover.folder import write_handover
from similarity.handover.golden import find_neighbours, list_texts, read_golden, to_json
from similarity.handover.replay import replay
from similarity.judgments.judgment import Judgment
from similarity.judgments.store import Judgments, Source
from similarity.parts import Term
from tests.units.test_handover import ignore


@pytest.fixture
def golden(shop: Catalogue, tmp_path: Path) -> Path:
    """The golden queries of a shop's method with words."""
    return write_handover(shop, "wordy", tmp_path / "out", Question(), ignore) / "golden.json"


def test_an_unchanged_index_repeats_its_golden_queries(golden: Path, shop: Catalogue) -> None:
    assert precompute(["replay", "shop", "--golden", str(golden)]) == 0
    changes = replay(shop, shop.resolve_method("wordy"), read_golden(golden))
    assert [change.now for change in changes] == [1.0] * len(changes)


def test_only_a_change_beyond_chance_exits_with_one(golden: Path, shop: Catalogue) -> None:
    content = json.loads(golden.read_text())
    whole = json.dumps(content)
    content["neighbours"][0]["products"][0] = "gone"  # one of 150 results
    golden.write_text(json.dumps(content))
    assert precompute(["replay", "shop", "--golden", str(golden)]) == 0
    content = json.loads(whole)
    for each in content["neighbours"]:
        each["products"][:3] = ["gone", "lost", "missing"]
    golden.write_text(json.dumps(content))
    assert precompute(["replay", "shop", "--golden", str(golden)]) == 1


def test_judgments_are_asked_again(shop: Catalogue, tmp_path: Path) -> None:
    ids = list(shop.products.index)
    graded = [
        Judgment(Term("product", ids[i]), ids[(i + step) % len(ids)], step, "anna", 0.0, "")
        for i in range(8)
        for step in (1, 2, 3)
    ]
    Judgments(shop.folder).add(Source("judgments.csv", "0" * 64), graded, [], {})
    folder = write_handover(shop, "tiny", tmp_path / "out", Question(), ignore)
    path = folder / "golden.json"
    stored = read_golden(path)
    assert len(stored.judged) == 8
    method = shop.resolve_method("tiny")
    (change,) = [c for c in replay(shop, method, stored) if "judgments" in c.name]
    assert change.estimate.mean == 0
    content = json.loads(path.read_text())
    for each in content["judged"]:
        each["ndcg"] = 1.0
    path.write_text(json.dumps(content))
    (change,) = [c for c in replay(shop, method, read_golden(path)) if "judgments" in c.name]
    assert change.estimate.mean == pytest.approx(np.mean([each.ndcg for each in stored.judged]) - 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b"{}", "is damaged"),
        (b'{"format": 1}', "is damaged"),
        (b"\xff\x00", "is damaged"),
    ],
)
def test_a_damaged_file_of_golden_queries_is_refused_with_another_exit_code(
    content: bytes,
    message: str,
    shop: Catalogue,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "golden.json"
    path.write_bytes(content)
    assert precompute(["replay", "shop", "--golden", str(path)]) == 2
    assert message in capsys.readouterr().err


def test_golden_queries_of_another_catalogue_cannot_be_asked(
    golden: Path, shop: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads(golden.read_text())
    content["texts"] = []
    for each in content["neighbours"]:
        each["query"] = "gone"
    golden.write_text(json.dumps(content))
    assert precompute(["replay", "shop", "--golden", str(golden)]) == 2
    assert "None of the golden queries can be asked" in capsys.readouterr().err
    content["neighbours"] = []
    golden.write_text(json.dumps(content))
    with pytest.raises(SimilarityError, match="has no queries"):
        read_golden(golden)
    with pytest.raises(SimilarityError, match="can't be read"):
        read_golden(golden.with_name("nothing.json"))


def test_golden_neighbours_are_those_of_a_search(shop: Catalogue) -> None:
    method = shop.resolve_method("wordy")
    product = shop.products.index[2]
    for kind, query in (("product", product), ("text", "red")):
        (result,) = find_neighbours(shop, method, kind, [query])  # type: ignore[arg-type]
        hits = shop.search("wordy", **{kind: query}, k=10)  # type: ignore[arg-type]
        assert sorted(result.products) == sorted(hit.product for hit in hits)
        assert result.scores == pytest.approx([hit.score for hit in hits], abs=1e-6)


def test_golden_queries_are_read_as_they_were_written(golden: Path) -> None:
    assert to_json(read_golden(golden)) == golden.read_bytes()


def test_only_texts_that_the_method_can_read_are_asked(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = open_catalogue(demo)
    products = catalogue.products.copy()
    name = catalogue.attributes.names[0]
    products[name] = "dress"
    products.iloc[0, products.columns.get_loc(name)] = "\N{ARABIC LETTER KEHEH}" * 3
    products.iloc[1, products.columns.get_loc(name)] = "long " * 300
    monkeypatch.setattr(Catalogue, "products", property(lambda self: products))
    assert list_texts(catalogue, catalogue.resolve_method("conse")) == ["dress"]
    assert list_texts(catalogue, catalogue.resolve_method("efficientnet")) == []
