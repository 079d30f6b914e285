"""What a build measures: as searches find it, stored, refused where it is of something else."""

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from precompute.__main__ import main
from similarity import Catalogue, SimilarityError, open_catalogue
from similarity.indexes import get_row_kind
from similarity.measures.files import read_json
from similarity.measures.metrics.groups import find_near_duplicates
from similarity.measures.metrics.measure import compute_hubs
from similarity.measures.metrics.schema import (
    PATH,
    Figure,
    from_json,
    load_metrics,
    to_json,
)
from similarity.measures.rankings import rank_products
from similarity.methods import METHODS
from tests.units.conftest import Fake, forge
from tests.units.drawing import draw, encode
from tests.units.planting import planted
from tests.units.refusals import refusal

KINDS = ("hat", "shoe", "bag")
EACH = 6


@pytest.fixture
def labelled(tiny: Fake, fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A catalogue with categories, colours and captions, in which two pictures are nearly one."""
    fake("wordy", texts=True)
    monkeypatch.setattr(
        "similarity.measures.metrics.groups.NEAR", 0.9999
    )  # the fakes find everything alike
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source, rows = tmp_path / "shop", []
    for number, kind in enumerate(KINDS * EACH):
        (source / kind).mkdir(parents=True, exist_ok=True)
        picture = draw(number)
        if number == 3:  # a pixel of the first hat's is another
            picture = draw(0)
            picture.putpixel((0, 0), (250, 250, 250))
        (source / kind / f"{number}.png").write_bytes(encode(picture))
        rows.append(
            (f"{kind}/{number}.png", ("red", "blue")[number % 2], f"{kind} number {number}")
        )
    table = pd.DataFrame(rows, columns=["path", "colour", "caption"])
    table.loc[5, "caption"] = ""  # it is no query, its category no caption
    table.to_csv(source / "metadata.csv", index=False)
    assert main(["--catalogue", str(source), "--methods", "pixels,tiny,wordy"]) == 0
    return open_catalogue("shop")


def test_near_duplicates_and_variants_of_a_product_are_measured_as_groups(
    labelled: Catalogue, tmp_path: Path
) -> None:
    count = len(KINDS) * EACH
    metrics = load_metrics(labelled)
    assert (metrics.queries, metrics.groups) == (count, count - 1), "two pictures are nearly one"
    file = tmp_path / "shop" / "metadata.csv"
    rows = pd.read_csv(file)
    rows["item_group_id"] = [f"item {number // 6}" for number in range(count)]
    rows.to_csv(file, index=False)
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "pixels,tiny,wordy"]) == 0
    metrics = load_metrics(open_catalogue("shop"))
    assert [each.name for each in metrics.attributes] == ["category", "colour"]
    assert metrics.groups == 3


def test_figures_are_those_of_what_searches_find(labelled: Catalogue) -> None:
    metrics = load_metrics(labelled)
    assert (metrics.queries, metrics.products) == (len(KINDS) * EACH,) * 2
    assert [(each.name, each.values) for each in metrics.attributes] == [
        ("category", 3),
        ("colour", 2),
    ]
    products = labelled.products
    for attribute in metrics.attributes:
        value, table = products[attribute.name], attribute.tables["whole"]
        assert table.n == len(products)
        assert table.chance == pytest.approx((value.map(value.value_counts()) - 1).mean() / 17)
        for key in labelled.methods:
            hits = [
                [value[hit.product] == value[query] for hit in labelled.search(key, product=query)]
                for query in products.index
            ]
            assert table.figures[key]["P@1"].mean == pytest.approx(np.mean([h[0] for h in hits]))
            assert table.figures[key]["P@10"].mean == pytest.approx(np.mean(hits))


def test_near_duplicates_are_counted_and_left_out_of_the_second_table(labelled: Catalogue) -> None:
    metrics = load_metrics(labelled)
    assert (metrics.queries_with_duplicates, metrics.duplicate_pairs) == (2, 2), (
        "the two hats that are nearly one"
    )
    category = metrics.attributes[0]
    for key in labelled.methods:
        whole, without = (category.tables[g].figures[key]["P@1"] for g in ("whole", "without"))
        assert whole.mean >= without.mean
    assert category.tables["whole"].chance != category.tables["without"].chance


def test_words_are_asked_where_a_method_reads_them(labelled: Catalogue) -> None:
    metrics = load_metrics(labelled)
    assert (metrics.words, metrics.texts and metrics.texts.n) == ("captions", 17)
    assert metrics.texts is not None
    assert list(metrics.texts.figures) == ["wordy"]
    captions = labelled.products["caption"][labelled.products["caption"] != ""]
    ranks = []
    for product, text in captions.items():
        hits = labelled.search("wordy", text=text, k=18)
        ranks.append(1 + [hit.product for hit in hits].index(str(product)))
    assert metrics.texts.figures["wordy"]["MRR"].mean == pytest.approx(np.mean(1 / np.array(ranks)))


def test_a_catalogue_without_labels_shows_everything_that_needs_none(shop: Catalogue) -> None:
    metrics = load_metrics(shop)
    assert (metrics.attributes, metrics.words, metrics.texts) == ([], "", None)
    assert len(metrics.agreements) == 3
    assert metrics.hubs.keys() == metrics.costs.keys() == {"pixels", "tiny", "wordy"}
    assert all(cost.rate and cost.pictures == 15 for cost in metrics.costs.values())


def test_the_embedding_speed_is_kept_when_nothing_is_embedded(
    shop: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shop" / "000.png").unlink()
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "pixels,tiny,wordy"]) == 0
    before, after = (load_metrics(c).costs["tiny"] for c in (shop, open_catalogue("shop")))
    assert (after.rate, after.pictures) == (before.rate, before.pictures)


def test_rankings_equal_searches_at_any_depth(shop: Catalogue) -> None:
    for key in shop.methods:
        index = shop.open_index(shop.resolve_method(key))
        positions = np.arange(index.count)
        near, scores = rank_products(
            index, index.read(positions), positions, index.count - 1, lambda done: None
        )
        for position in positions.tolist():
            expected = index.search_exactly(index.read_row(position), index.count - 1, position)
            assert near[position].tolist() == expected[0].tolist()
            assert scores[position] == pytest.approx(expected[1], abs=1e-6)


def test_equal_rows_keep_equal_scores_in_the_catalogues_order() -> None:
    kind = get_row_kind(METHODS["efficientnet"])
    row = kind.to_rows(np.random.default_rng(0).random((1, 1280), np.float32))
    many = np.repeat(row, 301, axis=0)
    assert len(set(kind.compute_cross_cosines(row, many)[0].tolist())) == 1


def test_near_duplicates_are_those_of_every_method() -> None:
    near = np.array([[1, 2, 3], [0, 2, 3]])
    one = near, np.array([[0.99, 0.97, 0.9], [0.99, 0.5, 0.4]])
    other = near[:, [1, 0, 2]], np.array([[0.99, 0.96, 0.95], [0.94, 0.9, 0.9]])
    assert find_near_duplicates([one, other]) == [{1, 2}, set()]


def test_hubs_by_hand() -> None:
    result = compute_hubs(np.array([[1, 2], [2, 0], [1, 0], [2, 1]]), list("abcd"))
    assert result.top[:3] == [("b", 3), ("c", 3), ("a", 2)]
    assert result.never_share == 0.25
    often = np.array([2, 3, 3, 0])
    assert result.skewness == pytest.approx((((often - 2) / often.std()) ** 3).mean())


def test_a_planted_difference_is_found_and_a_planted_equality_is_not() -> None:
    result = planted(0, 0.9, 0.7, 0.7)
    assert result.rank_methods("P@1") == {"a": 1, "b": 2, "c": 2} or result.rank_methods("P@1") == {
        "a": 1,
        "c": 2,
        "b": 2,
    }
    less = result.get_difference("b", "a", "P@1")
    assert less is not None
    assert less.is_significant
    assert less.estimate.high < 0, "b less a"
    equal = result.get_difference("b", "c", "P@1")
    assert equal is not None
    assert not equal.is_significant
    assert equal.estimate.low < 0 < equal.estimate.high


def test_methods_too_close_to_call_share_a_rank_even_in_a_chain() -> None:
    """Method a is better than c, but b differs from neither, so their order is not known."""
    result = planted(7, 0.80, 0.745, 0.69)
    pairs = (("a", "b"), ("b", "c"), ("a", "c"))
    significance = {
        one + other: bool(
            (each := result.get_difference(one, other, "P@1")) and each.is_significant
        )
        for one, other in pairs
    }
    assert significance == {"ab": False, "bc": False, "ac": True}
    assert set(result.rank_methods("P@1").values()) == {1}


def stored(of: Catalogue, **changes: Any) -> bytes:
    return json.dumps(json.loads(of.generation.read(PATH)) | changes).encode()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 1}, "its format is 1, not 6"),
        ({"catalogue": "0"}, "with other products"),
        ({"methods": {"pixels": "old"}}, "with another version of 'pixels'"),
        ({"methods": {"gone": "1"}}, "with another version of 'gone'"),
        ({"methods": 3}, "damaged"),
        ({"queries": "<script>"}, "damaged"),
        ({"more": 1}, "damaged"),
        ({"hubs": {"tiny": {"skewness": "x", "never": 0, "most": []}}}, "damaged"),
    ],
    ids=str,
)
def test_outdated_measures_are_refused_with_the_command_to_build_them(
    shop: Catalogue, changes: dict[str, Any], reason: str
) -> None:
    forge(shop.folder, PATH, stored(shop, **changes))
    with refusal(rf"{reason}.*Build it: python -m precompute"):
        load_metrics(open_catalogue("shop"))


def test_a_field_that_is_stored_under_its_name_in_code_is_refused(labelled: Catalogue) -> None:
    content = labelled.generation.read(PATH)
    assert b'"corrected":' in content
    forge(labelled.folder, PATH, content.replace(b'"corrected":', b'"corrected_p":'))
    with refusal("damaged"):
        load_metrics(open_catalogue(labelled.folder))


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_invalid_content_is_refused(content: bytes) -> None:
    with pytest.raises(SimilarityError, match="damaged"):
        from_json(content)


def test_stored_measures_are_read_back(shop: Catalogue) -> None:
    metrics = load_metrics(shop)
    assert from_json(to_json(metrics)) == metrics
    assert Figure(1.0, 0.5, 1.0) == Figure(1.0, 0.5, 1.0)


def test_an_error_without_a_message_is_named_by_its_type() -> None:
    class Adapter:
        def validate_json(self, content: bytes, *, by_name: bool) -> None:
            raise MemoryError

    with pytest.raises(SimilarityError, match=r"damaged \(MemoryError: MemoryError\)"):
        read_json(cast(Any, Adapter()), b"{}", "measures/metrics.json", 1)
