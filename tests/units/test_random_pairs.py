"""How near random pairs are: measured by the build, stored beside the index, asked of a score."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from precompute import pairs as measuring
from precompute.__main__ import main
from precompute.pairs import draw_product_pairs, draw_text_pairs, get_product_texts, sample_texts
from similarity import METHODS, Catalogue, SimilarityError, open_catalogue
from similarity.embedding import embed_texts
from similarity.indexes import MANIFEST, RandomPairs, get_kind_folder, get_row_kind
from similarity.indexes.pairs import KINDS
from similarity.store.generations import Generation
from tests.units.conftest import SHOP, Fake, forge
from tests.units.drawing import write_pictures
from tests.units.refusals import refusal


def unit_rows(shop: Catalogue, method: str) -> np.ndarray:
    index = shop.open_index(shop.resolve_method(method))
    rows = np.stack([index.read_row(i) for i in range(SHOP)]).astype(np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def manifest(shop: Catalogue, method: str) -> Any:
    place = f"{get_kind_folder(METHODS[method], METHODS[method].index)}/{MANIFEST}"
    return json.loads(shop.generation.read(place))


@pytest.mark.parametrize("method", ["pixels", "tiny", "wordy"])
def test_a_small_catalogue_is_measured_by_all_its_pairs(shop: Catalogue, method: str) -> None:
    vectors = unit_rows(shop, method)
    expected = np.sort((vectors @ vectors.T)[np.triu_indices(SHOP, 1)])
    pairs = shop.open_index(shop.resolve_method(method)).pairs["pictures"]
    np.testing.assert_allclose(pairs.cosines, expected, atol=1e-6)
    assert manifest(shop, method)["pairs"]["pictures"]["n"] == SHOP * (SHOP - 1) // 2
    for level in (0, 0.1, 0.5, 0.9, 0.99, 1):
        assert np.quantile(pairs.cosines, level) == pytest.approx(
            np.quantile(expected, level), abs=1e-6
        )


def test_a_share_is_that_of_the_pairs_with_no_higher_cosines() -> None:
    rng = np.random.default_rng(1)
    cosines = np.sort(rng.normal(0.4, 0.2, 20_000)).astype(np.float32)
    pairs = RandomPairs(cosines, "")
    for cosine in (-1, 1, *rng.normal(0.4, 0.2, 50), *(float(c) for c in cosines[::4000])):
        assert pairs.share_at_most(cosine) == pytest.approx((cosines <= cosine).mean(), abs=1e-4)
    for level in (0.5, 0.95, 0.998):
        assert pairs.share_at_most(float(np.quantile(cosines, level))) == pytest.approx(
            level, abs=1e-4
        )


def test_equal_pictures_are_as_near_as_can_be() -> None:
    equal = RandomPairs(np.ones(200, np.float32), "")
    for cosine in (1, np.nextafter(np.float32(1), np.float32(0))):
        assert equal.share_at_most(float(cosine)) == 1
    assert equal.share_at_most(0.999) == 0


def test_fewer_than_two_hundred_pairs_make_no_share() -> None:
    assert RandomPairs(np.linspace(0, 1, 200, dtype=np.float32), "").share_at_most(0.5) == 0.5
    for count in (0, 1, 199):
        pairs = RandomPairs(np.linspace(0, 1, count, dtype=np.float32), "")
        assert pairs.share_at_most(0.5) is None


def test_a_large_catalogue_is_measured_by_twenty_thousand_pairs_of_two_products() -> None:
    one, other = draw_product_pairs(1000)
    assert len(one) == len(other) == 20_000
    assert (one != other).all()
    assert set(one) == set(other) == set(range(1000))
    again = draw_product_pairs(1000)
    assert (one == again[0]).all()
    assert (other == again[1]).all()
    counts = np.bincount(other, minlength=1000)
    assert counts.std() == pytest.approx(np.sqrt(20), rel=0.15), "each is drawn as often as others"


@pytest.mark.parametrize(
    ("words", "owners"),
    [
        ([f"number {i}" for i in range(1000)], list(range(0, 1000, 4))),
        (["hat", "shoe", "dress", "hat"] * 300, list(range(0, 1200, 5))),
        ([f"number {i}" for i in range(10)], [3, 9, 0]),
        (["hat", "shoe", "hat"], [0, 1, 2]),
    ],
    ids=["large", "large by categories", "small", "small by categories"],
)
def test_words_are_paired_with_products_that_have_others(
    words: list[str], owners: list[int]
) -> None:
    products, places = draw_text_pairs(words, owners)
    pairs = list(zip(products.tolist(), places.tolist(), strict=True))
    assert all(words[product] != words[owners[place]] for product, place in pairs)
    possible = sum(words[owner] != word for owner in owners for word in words)
    assert len(pairs) == min(20_000, possible)
    assert set(products.tolist()) == set(range(len(words)))
    assert set(places.tolist()) == set(range(len(owners)))


def test_words_that_fit_every_product_make_no_pair() -> None:
    assert [len(side) for side in draw_text_pairs(["hat"] * 500, list(range(500)))] == [0, 0]


def test_words_are_captions_and_categories_where_there_are_none() -> None:
    table = {"caption": ["a red hat", "", "  "], "category": ["hats", "shoes", ""]}
    assert get_product_texts(pd.DataFrame(table)) == ["a red hat", "shoes", ""]
    assert get_product_texts(pd.DataFrame({"category": ["hats", " "]})) == ["hats", ""]
    assert (
        len(get_product_texts(pd.DataFrame({"category": ["x " * 5000]}))[0])
        == measuring.LONGEST_TEXT
    )
    assert sample_texts(["a", "", "b"]) == [0, 2]
    sample = sample_texts(["hats"] * 600)
    assert len(sample) == len(set(sample)) == measuring.MAX_TEXTS
    assert sample == sorted(sample)


def captioned(folder: Path, captions: list[str]) -> Path:
    """A shop of pictures that have captions."""
    write_pictures(folder, len(captions))
    table = {"path": [f"{i:03}.png" for i in range(len(captions))], "caption": captions}
    pd.DataFrame(table).to_csv(folder / "metadata.csv", index=False)
    return folder


@pytest.fixture
def wordy(fake: Callable[..., Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    fake("tiny")
    return fake("wordy", texts=True)


@pytest.mark.usefixtures("wordy")
def test_words_are_measured_against_other_products_than_their_own(tmp_path: Path) -> None:
    texts = ["a red hat", "a blue hat", "a cup", "a mug"]
    source = captioned(tmp_path / "shop", texts)
    assert main(["--catalogue", str(source), "--methods", "tiny,wordy"]) == 0
    shop, method = open_catalogue("shop"), METHODS["wordy"]
    captions = list(shop.products["caption"])
    words = get_row_kind(method).to_rows(embed_texts(method, captions)).astype(np.float64)
    pictures = np.stack(
        [shop.open_index(shop.resolve_method("wordy")).read_row(i) for i in range(4)]
    )
    expected = np.sort((words @ pictures.T)[~np.eye(4, dtype=bool)])
    pairs = shop.open_index(shop.resolve_method("wordy")).pairs["words"]
    np.testing.assert_allclose(pairs.cosines, expected, atol=1e-6)
    assert len(shop.open_index(shop.resolve_method("tiny")).pairs["words"].cosines) == 0, (
        "it can't read"
    )


def test_texts_that_a_method_cannot_read_are_left_out(
    wordy: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = wordy.embed_texts

    def english(texts: list[str]) -> Any:
        if not all(text.isascii() for text in texts):
            raise SimilarityError("this method can't read these words")
        return read(texts)

    monkeypatch.setattr(wordy, "embed_texts", english)
    source = captioned(tmp_path / "shop", ["a hat", "帽子", "a mug"])
    build = ["--catalogue", str(source), "--methods", "wordy"]
    assert main(build) == 0
    shop = open_catalogue("shop")
    assert manifest(shop, "wordy")["pairs"]["words"]["n"] == 2 * 2
    captioned(tmp_path / "shop", ["帽子", "帽子", "帽子"])
    assert main(build) == 0
    shop = open_catalogue("shop")
    assert manifest(shop, "wordy")["pairs"]["words"]["n"] == 0
    assert shop.open_index(shop.resolve_method("wordy")).pairs["words"].share_at_most(0.5) is None


def test_other_captions_are_measured_anew_without_embedding_pictures(
    wordy: Fake, tmp_path: Path
) -> None:
    source = captioned(tmp_path / "shop", ["a hat", "a cup", "a mug"])
    build = ["--catalogue", str(source), "--methods", "tiny,wordy"]
    assert main(build) == 0
    first, before = open_catalogue("shop"), list(wordy.batches)
    captioned(tmp_path / "shop", ["a dress", "a cup", "a mug"])
    assert main(build) == 0
    second = open_catalogue("shop")
    assert wordy.batches == before
    old, new = (shop.open_index(shop.resolve_method("wordy")).pairs for shop in (first, second))
    assert (old["pictures"].cosines == new["pictures"].cosines).all()
    assert (old["words"].cosines != new["words"].cosines).any()
    assert first.generation.number != second.generation.number
    assert main(build) == 0
    assert open_catalogue("shop").generation.number == second.generation.number


def test_a_single_product_has_no_pairs(wordy: Fake, tmp_path: Path) -> None:
    source = captioned(tmp_path / "shop", ["a hat"])
    assert main(["--catalogue", str(source), "--methods", "pixels,wordy"]) == 0
    for method in ("pixels", "wordy"):
        index = open_catalogue("shop").open_index(METHODS[method])
        assert [len(index.pairs[kind].cosines) for kind in KINDS] == [0, 0]


@pytest.mark.parametrize(
    "cosines",
    [
        np.zeros(SHOP, np.float32),
        np.zeros(105, np.float64),
        np.linspace(1, 0, 105, dtype=np.float32),
        np.full(105, np.nan, np.float32),
    ],
    ids=["count", "type", "order", "numbers"],
)
def test_invalid_pairs_are_refused(shop: Catalogue, cosines: np.ndarray) -> None:
    out = io.BytesIO()
    np.save(out, cosines)
    forge(
        shop.folder,
        f"{get_kind_folder(METHODS['tiny'], 'flat')}/pairs-pictures.npy",
        out.getvalue(),
    )
    with refusal(r"refused.*pairs-pictures.npy (is not|holds).*Build it again"):
        open_catalogue("shop").open_index(METHODS["tiny"])


def test_an_older_index_names_the_command_that_rebuilds_it(shop: Catalogue) -> None:
    place = f"{get_kind_folder(METHODS['tiny'], 'flat')}/{MANIFEST}"
    facts = manifest(shop, "tiny") | {"format": 2}
    del facts["pairs"]
    forge(shop.folder, place, json.dumps(facts).encode())
    assert Generation(shop.folder).is_readable(place)
    with refusal(r"format is 2, not 3.*python -m precompute .*tiny"):
        open_catalogue("shop").open_index(METHODS["tiny"])
