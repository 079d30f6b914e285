"""Where methods differ: measured over all that is built, refused if it is of something else."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from precompute.__main__ import main
from similarity import Catalogue, SimilarityError, open_catalogue
from similarity.measures.metrics import measure as measuring
from similarity.measures.neighbours.schema import (
    PATH,
    Neighbours,
    from_bytes,
    load_neighbours,
    to_bytes,
)
from similarity.store.generations import SUMS
from similarity.store.sums import Sums, format_sums
from tests.units.conftest import SHOP, Fake, forge
from tests.units.drawing import write_pictures
from tests.units.refusals import refusal


def test_the_build_stores_what_a_search_finds_nearest(shop: Catalogue) -> None:
    neighbours = load_neighbours(shop)
    ids = list(shop.products.index)
    assert (neighbours.k, neighbours.methods) == (SHOP - 1, ["pixels", "tiny", "wordy"])
    assert neighbours.products == ids
    for key in neighbours.methods:
        for row, product in zip(neighbours.by_method[key], ids, strict=True):
            hits = shop.search(key, product=product, k=SHOP - 1, exact=True)
            assert [ids[i] for i in row] == [hit.product for hit in hits]


def make_neighbours() -> Neighbours:
    near = {
        "a": np.array([[1, 2, 3], [0, 2, 3], [3, 1, 0], [0, 1, 2]]),
        "b": np.array([[1, 2, 3], [3, 0, 2], [0, 1, 3], [2, 1, 0]]),
        "c": np.array([[3, 2, 1], [2, 3, 0], [1, 0, 3], [1, 0, 2]]),
    }
    return Neighbours(["w", "x", "y", "z"], dict.fromkeys(near, "1"), np.arange(4), near)


def test_overlap_ignores_the_order_of_the_first_k() -> None:
    assert make_neighbours().compute_overlap("a", "b", 1).tolist() == [1, 0, 0, 0]
    assert make_neighbours().compute_overlap("a", "b", 2).tolist() == [2, 1, 1, 1]
    assert make_neighbours().compute_overlap("a", "c", 3).tolist() == [3, 3, 3, 3]


def test_the_biggest_disagreements_have_the_smallest_mean_over_the_chosen_methods() -> None:
    neighbours = make_neighbours()  # a and b share 2 1 1 1, a and c 1 1 1 2, b and c 1 1 2 1
    assert neighbours.compute_mean_overlap(["a", "b", "c"], 2).tolist() == [4 / 3, 1, 4 / 3, 4 / 3]
    assert neighbours.sort_by_disagreement(["a", "b", "c"], 2) == ["x", "w", "y", "z"], (
        "equal ones in that order"
    )
    assert neighbours.sort_by_disagreement(["c", "b"], 2) == ["w", "x", "z", "y"]


@pytest.mark.parametrize("methods", [[], ["a"], ["a", "other"], ["a", "b", "other"]])
def test_methods_that_were_not_compared_have_no_means(methods: list[str]) -> None:
    with pytest.raises(KeyError):
        make_neighbours().compute_mean_overlap(methods)


def test_a_large_catalogue_is_measured_by_a_sample(
    shop: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(measuring, "QUERIES", 6)
    write_pictures(tmp_path / "shop", 1, first=99)
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "pixels,tiny,wordy"]) == 0
    catalogue = open_catalogue("shop")
    neighbours = load_neighbours(catalogue)
    positions = [catalogue.find_position(product) for product in neighbours.products]
    assert len(positions) == 6
    assert positions == sorted(positions)
    assert positions != list(range(6)), "drawn at random"


def test_unchanged_products_are_not_measured_again(
    shop: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(measuring, "rank_products", lambda *_: pytest.fail("measured again"))
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "tiny"]) == 0
    assert open_catalogue("shop").generation.number == shop.generation.number


@pytest.mark.parametrize("content", [b"{}", None], ids=["damaged", "of an older format"])
def test_a_refused_file_is_measured_again_by_the_command_in_the_message(
    shop: Catalogue, content: bytes | None, tmp_path: Path
) -> None:
    forge(shop.folder, PATH, stored(shop, format=1) if content is None else content)
    with pytest.raises(SimilarityError):
        load_neighbours(open_catalogue("shop"))
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "pixels,tiny,wordy"]) == 0
    assert load_neighbours(open_catalogue("shop")).methods == ["pixels", "tiny", "wordy"]


def test_a_method_that_is_built_later_is_compared_with_those_before(
    tiny: Fake, fake: Callable[..., Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = str(write_pictures(tmp_path / "shop", 4))
    assert main(["--catalogue", source, "--methods", "tiny"]) == 0
    assert load_neighbours(open_catalogue("shop")).methods == ["tiny"]
    assert main(["--catalogue", source, "--methods", "pixels"]) == 0
    neighbours = load_neighbours(open_catalogue("shop"))
    assert list(neighbours.methods) == ["pixels", "tiny"]
    assert (neighbours.compute_overlap("pixels", "tiny", 12) == 3).all(), "there are no others"
    write_pictures(tmp_path / "shop", 1, first=50)
    assert main(["--catalogue", source, "--methods", "pixels"]) == 0
    assert list(load_neighbours(open_catalogue("shop")).methods) == ["pixels"], "tiny's is old"


def test_a_damaged_index_of_another_method_is_left_out_and_costs_nothing_else(
    shop: Catalogue, tmp_path: Path
) -> None:
    vectors = shop.generation.folder / "indexes/wordy/flat/index.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-1])
    write_pictures(tmp_path / "shop", 1, first=50)
    (tmp_path / "shop" / "050.png").unlink()
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "tiny"]) == 0
    assert list(load_neighbours(open_catalogue("shop")).methods) == ["pixels", "tiny"]


def test_a_single_product_has_nothing_to_compare(
    tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = str(write_pictures(tmp_path / "shop", 1))
    assert main(["--catalogue", source, "--methods", "pixels,tiny"]) == 0
    neighbours = load_neighbours(open_catalogue("shop"))
    assert (neighbours.k, neighbours.sort_by_disagreement(["pixels", "tiny"])) == (0, [])


def stored(shop: Catalogue, **changes: Any) -> bytes:
    """The shop's file with other tensors or facts; a tensor that is None is left out."""
    content = shop.generation.read(PATH)
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    facts = json.loads(header["__metadata__"]["facts"])
    tensors: dict[str, Any] = dict(load(content))
    for key, value in changes.items():
        name = key.replace("_", " ")
        if name in tensors:
            tensors[name] = value
        else:
            facts[name] = facts[name] | value if isinstance(value, Mapping) else value
    remaining = {name: np.asarray(value) for name, value in tensors.items() if value is not None}
    return save(remaining, {"facts": json.dumps(facts)})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 1}, "its format is 1, not 3"),
        ({"catalogue": "0"}, "with other products"),
        ({"methods": {"pixels": "old"}}, "with another version of 'pixels'"),
        ({"methods": {"gone": "1"}}, "damaged"),
        ({"methods": 3}, "damaged"),
        ({"near_tiny": None}, "damaged"),
        ({"near_tiny": np.zeros((SHOP, 3), np.int32)}, "damaged"),
        ({"near_tiny": np.full((SHOP, SHOP - 1), SHOP, np.int32)}, "damaged"),
        ({"near_tiny": np.full((SHOP, SHOP - 1), -1, np.int32)}, "damaged"),
        ({"queries": np.zeros((SHOP, 1), np.int32)}, "damaged"),
        ({"queries": np.zeros(3, np.int32)}, "damaged"),
    ],
    ids=str,
)
def test_outdated_measures_are_refused_with_the_command_to_build_them(
    shop: Catalogue, changes: dict[str, Any], reason: str
) -> None:
    forge(shop.folder, PATH, stored(shop, **changes))
    with refusal(rf"{reason}.*Build it: python -m precompute"):
        load_neighbours(open_catalogue("shop"))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b"\xff" * 9]
)
def test_invalid_content_is_refused(shop: Catalogue, content: bytes) -> None:
    forge(shop.folder, PATH, content)
    with pytest.raises(SimilarityError, match="damaged"):
        load_neighbours(open_catalogue("shop"))


def test_a_catalogue_without_measures_names_the_command_to_build_them(shop: Catalogue) -> None:
    left = {path: sha256 for path, sha256 in shop.generation.sums.to_dict().items() if path != PATH}
    shop.generation.sums = Sums(format_sums(left), SUMS)
    with refusal(r"missing.*python -m precompute .*pixels,tiny,wordy"):
        load_neighbours(shop)


def test_stored_neighbours_are_read_back() -> None:
    again = from_bytes(to_bytes(make_neighbours()), make_neighbours().ids)
    assert again.stamps == make_neighbours().stamps
    assert (again.queries == make_neighbours().queries).all()
    assert all(
        (again.by_method[key] == near).all() for key, near in make_neighbours().by_method.items()
    )
    with pytest.raises(SimilarityError, match="with other products"):
        from_bytes(to_bytes(make_neighbours()), ["other", "x", "y", "z"])
