"""Where methods differ: measured over all that is built, refused if it is of something else."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from precompute import overlaps as measuring
from precompute.__main__ import main
from similarity import METHODS, Catalogue, SimilarityError, open_catalogue
from similarity.generations import SUMS
from similarity.measures.overlaps import PLACE, Overlaps, from_json, stored_overlaps, to_json
from similarity.sums import Sums, sums_text
from tests.units.conftest import SHOP, Fake, forge, write_pictures


def test_the_build_stores_how_many_of_the_first_twelve_are_shared(shop: Catalogue) -> None:
    found = stored_overlaps(shop)
    assert (found.k, list(found.methods)) == (12, ["pixels", "tiny", "wordy"])
    assert list(found.products) == list(shop.products.index)
    for row, (one, other) in enumerate(combinations(found.methods, 2)):
        for column, product in enumerate(found.products):
            answers = [
                {hit.product for hit in shop.search(key, product=product, k=12)}
                for key in (one, other)
            ]
            assert found.shared[row, column] == len(answers[0] & answers[1])


def some() -> Overlaps:
    shared = np.array([[4, 0, 1], [0, 0, 3], [2, 4, 1]])
    return Overlaps(4, "f", {"a": "1", "b": "1", "c": "1"}, ["x", "y", "z"], shared)


def test_least_are_those_of_the_smallest_mean_over_the_methods_that_are_asked_for() -> None:
    found = some()
    assert found.means(["a", "b", "c"]).tolist() == [2, 4 / 3, 5 / 3]
    assert found.least(["a", "b", "c"]) == ["y", "z", "x"]
    assert found.least(["c", "a"]) == ["x", "y", "z"], "equal ones in the catalogue's order"
    assert found.least(["b", "c"]) == ["z", "x", "y"]


@pytest.mark.parametrize("methods", [[], ["a"], ["a", "other"], ["a", "b", "other"]])
def test_methods_that_were_not_compared_have_no_means(methods: list[str]) -> None:
    with pytest.raises(KeyError):
        some().means(methods)


def test_a_large_catalogue_is_measured_by_a_sample(
    shop: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(measuring, "SAMPLE", 6)
    write_pictures(tmp_path / "shop", 1, first=99)
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "pixels,tiny,wordy"]) == 0
    catalogue = open_catalogue("shop")
    found = stored_overlaps(catalogue)
    positions = [catalogue.position(product) for product in found.products]
    assert len(positions) == 6
    assert positions == sorted(positions)
    assert positions != list(range(6)), "drawn at random"


def test_nothing_is_measured_again_that_has_not_changed(
    shop: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(measuring, "combinations", lambda *_: pytest.fail("measured again"))
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "tiny"]) == 0
    assert open_catalogue("shop").generation.number == shop.generation.number


def test_a_method_that_is_built_later_is_compared_with_those_before(
    tiny: Fake, fake: Callable[..., Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = str(write_pictures(tmp_path / "shop", 4))
    assert main(["--catalogue", source, "--methods", "tiny"]) == 0
    assert stored_overlaps(open_catalogue("shop")).shared.shape == (0, 4)
    assert main(["--catalogue", source, "--methods", "pixels"]) == 0
    found = stored_overlaps(open_catalogue("shop"))
    assert list(found.methods) == ["pixels", "tiny"]
    assert (found.shared == 3).all(), "there are no others"
    write_pictures(tmp_path / "shop", 1, first=50)
    assert main(["--catalogue", source, "--methods", "pixels"]) == 0
    assert list(stored_overlaps(open_catalogue("shop")).methods) == ["pixels"], "tiny's is old"


def test_a_damaged_index_of_another_method_is_left_out_and_costs_nothing_else(
    shop: Catalogue, tmp_path: Path
) -> None:
    vectors = shop.generation.place / "indexes/wordy/flat/index.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-1])
    write_pictures(tmp_path / "shop", 1, first=50)
    (tmp_path / "shop" / "050.png").unlink()
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "tiny"]) == 0
    assert list(stored_overlaps(open_catalogue("shop")).methods) == ["pixels", "tiny"]


def test_a_single_product_has_nothing_to_compare(
    tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = str(write_pictures(tmp_path / "shop", 1))
    assert main(["--catalogue", source, "--methods", "pixels,tiny"]) == 0
    found = stored_overlaps(open_catalogue("shop"))
    assert (found.k, found.least(["pixels", "tiny"])) == (0, [])


def stored(shop: Catalogue, **changes: Any) -> bytes:
    return json.dumps(json.loads(shop.generation.read(PLACE)) | changes).encode()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 2}, "its format is 2, not 1"),
        ({"catalogue": "0"}, "of other products"),
        ({"methods": {"pixels": "old", "tiny": "1", "wordy": "1"}}, "of another 'pixels'"),
        ({"methods": {"gone": "1", "tiny": "1", "wordy": "1"}}, "of another 'gone'"),
        ({"methods": {"pixels": "1"}}, "damaged"),
        ({"methods": 3}, "damaged"),
        ({"products": ["x"]}, "damaged"),
        ({"products": list(range(SHOP))}, "damaged"),
        ({"shared": [[13] * SHOP] * 3}, "damaged"),
        ({"shared": [[-1] * SHOP] * 3}, "damaged"),
        ({"shared": "<script>"}, "damaged"),
        ({"k": None}, "damaged"),
    ],
    ids=str,
)
def test_what_is_not_of_these_indexes_is_refused_with_the_command(
    shop: Catalogue, changes: dict[str, Any], reason: str
) -> None:
    forge(shop.folder, PLACE, stored(shop, **changes))
    with pytest.raises(SimilarityError, match=rf"{reason}.*Build it: python -m precompute"):
        stored_overlaps(open_catalogue("shop"))


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_a_file_that_is_none_is_refused(shop: Catalogue, content: bytes) -> None:
    forge(shop.folder, PLACE, content)
    with pytest.raises(SimilarityError, match="damaged"):
        stored_overlaps(open_catalogue("shop"))


def test_a_catalogue_from_before_asks_for_the_command(shop: Catalogue) -> None:
    left = {path: found for path, found in shop.generation.sums.whole().items() if path != PLACE}
    shop.generation.sums = Sums(sums_text(left), SUMS)
    with pytest.raises(SimilarityError, match=r"missing.*python -m precompute .*pixels,tiny,wordy"):
        stored_overlaps(shop)


def test_what_is_stored_is_read_back(shop: Catalogue) -> None:
    found = replace(some(), methods={key: METHODS[key].revision for key in shop.methods})
    again = from_json(to_json(found))
    assert (again.shared == found.shared).all()
    assert replace(again, shared=found.shared) == found
