"""The approximate index: what it finds, what it says of that, and when it is used at all."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from precompute.__main__ import main
from similarity import METHODS, Catalogue, open_catalogue
from similarity.errors import SimilarityError
from similarity.indexes import (
    AT,
    MANIFEST,
    Effort,
    Trained,
    VectorIndex,
    fingerprint,
    index_kind,
    open_index,
    place_of,
    unit,
    write_index,
)
from similarity.indexes.approximate.build import RETRAINED, kept, write_approximate
from similarity.indexes.approximate.index import CELLS, VECTORS, ApproximateIndex, cells_for
from similarity.indexes.effort import Recall
from similarity.indexes.flat import FlatIndex
from similarity.methods import Method, Vectors
from similarity.store.generations import Generation
from tests.units.conftest import NO_PAIRS, Fake, forge, sealed
from tests.units.drawing import draw, encode, write_pictures
from tests.units.refusals import refusal

COUNT, DIM = 6000, 32
METHOD = replace(METHODS["efficientnet"], key="made", title="Made", dim=DIM, backbone=None)


def made(count: int, seed: int = 0) -> Vectors:
    """Unit vectors in clusters; the first six are equal, and the seventh is of length 0."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((60, DIM))
    vectors = centres[rng.integers(60, size=count)] + 0.5 * rng.standard_normal((count, DIM))
    vectors[:6], vectors[6] = vectors[0], 0
    return unit(vectors.astype(np.float32))


def names(vectors: Vectors, start: int = 0) -> list[str]:
    return [f"{i + start:020x}" for i in range(len(vectors))]


def blocks(vectors: Vectors) -> Iterable[Vectors]:
    return np.array_split(vectors, 7)


def written(
    folder: Path,
    vectors: Vectors,
    ids: list[str],
    old: tuple[Any, Trained] | None = None,
    wanted: float = 0.99,
) -> Path:
    def write(place: Path) -> None:
        write_approximate(
            place,
            METHOD,
            ids,
            blocks(vectors),
            NO_PAIRS,
            np.empty((0, METHOD.dim), np.float32),
            wanted,
            old,
            lambda doing, done, total: None,
        )

    sealed(folder, place_of(METHOD, "approximate"), write)
    return folder


def opened(folder: Path, ids: list[str], kind: str = "approximate") -> Any:
    part = Generation(folder).part(place_of(METHOD, kind))
    return open_index(part, METHOD, fingerprint(ids))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    vectors = made(COUNT)
    return written(tmp_path_factory.mktemp("approximate") / "made", vectors, names(vectors))


@pytest.fixture(scope="module")
def index(folder: Path) -> ApproximateIndex:
    found: ApproximateIndex = opened(folder, names(made(COUNT)))
    return found


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> VectorIndex:
    vectors = made(COUNT)
    ids, place = names(vectors), tmp_path_factory.mktemp("flat") / "made"
    sealed(
        place,
        place_of(METHOD, "flat"),
        lambda there: write_index(there, METHOD, ids, blocks(vectors), NO_PAIRS),
    )
    found: VectorIndex = opened(place, ids, "flat")
    return found


def found_of(index: VectorIndex, exact: VectorIndex, positions: Iterable[int]) -> np.ndarray:
    """The share of each exact top AT that is found, equally near ones counting as each other."""
    shares = []
    for position in positions:
        row = index.row(position)
        _, scores = index.search(row, AT, leave_out=position)
        last = exact.search(row, AT, leave_out=position)[1][-1]
        shares.append(np.mean(scores >= last))
    return np.array(shares)


def test_a_catalogue_is_approximated_only_where_comparing_all_takes_over_ten_milliseconds() -> None:
    for method in METHODS.values():
        assert index_kind(method, 6000) == method.index
    assert index_kind(METHOD, 40_000_000 // DIM) == "flat"
    assert index_kind(METHOD, 40_000_000 // DIM + 1) == "approximate"
    assert index_kind(METHOD, 10**9, exact=True) == "flat"
    assert index_kind(METHODS["pixels"], 10**9) == "pixels"


def test_asked_exactly_it_answers_as_flat_does_ties_and_all(
    index: ApproximateIndex, flat: VectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("similarity.indexes.stored.AT_ONCE", 100_000)  # several blocks
    for position in (0, 3, 6, 7, 1234, COUNT - 1):
        for k in (1, 4, 10, 700):
            row = index.row(position)
            np.testing.assert_array_equal(row, flat.row(position))
            for leave_out in (-1, position):
                positions, scores = index.search_exactly(row, k, leave_out)
                expected, theirs = flat.search(row, k, leave_out)
                np.testing.assert_array_equal(positions, expected)
                np.testing.assert_array_equal(scores, theirs)


def test_its_scores_are_exact_and_equal_ones_stand_in_catalogue_order(
    index: ApproximateIndex, flat: VectorIndex
) -> None:
    positions, scores = index.search(index.row(2), AT, leave_out=2)
    assert list(positions[:5]) == [0, 1, 3, 4, 5]
    assert 2 not in positions
    whole = dict(zip(*flat.search(index.row(2), COUNT), strict=True))
    assert [whole[position] for position in positions] == list(scores)
    assert list(scores) == sorted(scores, reverse=True)


def test_more_than_cells_hold_are_found_all_the_same(
    index: ApproximateIndex, flat: VectorIndex
) -> None:
    row = index.row(9)
    for k in (COUNT - 1, COUNT, COUNT + 5):
        positions, _ = index.search(row, k, leave_out=9)
        np.testing.assert_array_equal(positions, flat.search(row, k, leave_out=9)[0])


def test_few_cells_that_hold_too_few_are_made_up_for(flat: VectorIndex, folder: Path) -> None:
    index = opened(folder, names(made(COUNT)))
    index.effort = Effort(1, 70)  # for 100 a list of 700, which no cell holds
    row = index.row(50)
    np.testing.assert_array_equal(index.search(row, 100)[0], flat.search(row, 100)[0])


def test_it_finds_what_its_manifest_says_and_at_least_what_was_wanted(
    index: ApproximateIndex, flat: VectorIndex
) -> None:
    stated = index.recall["pictures"]
    assert stated.queries >= 500
    assert stated.share >= 0.99
    anew = found_of(index, flat, np.random.default_rng(5).permutation(COUNT)[:500])
    assert anew.mean() >= 0.99
    assert abs(anew.mean() - stated.share) < 0.006


def test_more_is_found_with_more_effort_if_more_is_wanted(
    index: ApproximateIndex, tmp_path: Path
) -> None:
    vectors = made(COUNT)
    less = opened(written(tmp_path / "made", vectors, names(vectors), wanted=0.8), names(vectors))
    assert less.wanted == 0.8
    cost = [
        i.effort.cells * COUNT / i.cells * i.code_size + i.effort.shortlist * 4 * DIM
        for i in (less, index)
    ]
    assert cost[0] < cost[1]
    assert 0.8 <= less.recall["pictures"].share < index.recall["pictures"].share


def test_vectors_stay_on_disk_and_are_not_read_to_open_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole = Generation.read

    def counted(self: Generation, path: str) -> bytes:
        read.append(path)
        return whole(self, path)

    monkeypatch.setattr(Generation, "read", counted)
    monkeypatch.setattr(Generation, "verify", lambda *_: pytest.fail("it is read whole"))
    opened(folder, names(made(COUNT)))
    assert read
    assert not any(path.endswith(VECTORS) for path in read)


def test_a_small_change_keeps_its_cells_and_finds_as_much_as_one_built_anew(
    folder: Path, tmp_path: Path
) -> None:
    vectors = np.concatenate([made(COUNT)[300:], made(300, seed=8)])
    ids = names(made(COUNT))[300:] + names(made(300), start=COUNT)
    before = opened(folder, names(made(COUNT)))
    old = kept(before, names(made(COUNT)), ids)
    assert old is not None
    updated = opened(written(tmp_path / "made", vectors, ids, old), ids)
    assert updated.trained == Trained(COUNT, 600)
    assert centroids(updated) == centroids(before)
    exact = FlatIndex(faiss.IndexFlatIP(DIM))
    exact._faiss.add(vectors)
    exact.count = len(vectors)
    assert updated.recall["pictures"].share >= 0.99
    assert found_of(updated, exact, range(COUNT - 200, COUNT)).mean() >= 0.98  # what came last too
    for position in range(0, COUNT, 500):
        found = updated.search_exactly(updated.row(position), AT)
        np.testing.assert_array_equal(found, exact.search(vectors[position], AT))


def centroids(index: Any) -> bytes:
    inner: Any = faiss.downcast_index(index._cells.index)
    found: bytes = inner.quantizer.reconstruct_n(0, inner.nlist).tobytes()
    return found


def test_many_small_changes_add_up_to_cells_found_anew(index: ApproximateIndex) -> None:
    ids = names(made(COUNT))
    allowed = int(RETRAINED * COUNT)
    assert kept(index, ids, ids[allowed:]) is not None
    assert kept(index, ids, ids[allowed + 1 :]) is None
    former = replace(index.trained, changed=allowed - 1)
    later = ApproximateIndex(index._cells, index._stored)
    later.trained = former
    assert kept(later, ids, ids[1:]) is not None
    assert kept(later, ids, ids[2:]) is None
    assert kept(None, ids, ids) is None


def foreign(kind: str) -> bytes:
    """An index of FAISS's that is none of this catalogue's."""
    vectors = made(COUNT)
    if kind == "flat":
        made_by: Any = faiss.IndexFlatIP(DIM)
    else:
        made_by = faiss.index_factory(DIM, kind, faiss.METRIC_INNER_PRODUCT)
        made_by.train(vectors)
    made_by.add(vectors)
    return faiss.serialize_index(made_by).tobytes()


def twice() -> bytes:
    """Cells in which a product stands twice, and another one not at all."""
    cells: Any = faiss.index_factory(DIM, f"RR{DIM},IVF8,RaBitQ", faiss.METRIC_INNER_PRODUCT)
    cells.train(made(COUNT))
    numbers = np.arange(COUNT)
    numbers[5] = 4
    vectors = cells.chain.at(0).apply(made(COUNT))
    faiss.downcast_index(cells.index).add_with_ids(vectors, numbers)
    cells.ntotal = COUNT
    return faiss.serialize_index(cells).tobytes()


@pytest.mark.parametrize(
    "content",
    [
        lambda: b"",
        lambda: b"IxFI" + bytes(40),
        lambda: foreign("flat"),
        lambda: foreign("IVF8,Flat"),
        lambda: foreign(f"PCA{DIM},IVF8,RaBitQ"),
        lambda: foreign(f"RR{DIM},IVF8,Flat"),
        twice,
    ],
    ids=["empty", "torn", "flat", "inverted", "pca", "no codes", "twice"],
)
def test_foreign_cells_are_refused(
    content: Callable[[], bytes], folder: Path, tmp_path: Path
) -> None:
    place = written(tmp_path / "made", made(1500), names(made(1500)))
    forge(place, f"{place_of(METHOD, 'approximate')}/{CELLS}", content())
    with pytest.raises(SimilarityError, match="damaged"):
        opened(place, names(made(1500)))


@pytest.mark.parametrize(
    "facts",
    [
        {"effort": {"cells": 0, "shortlist": 40}},
        {"effort": {"cells": 1, "shortlist": "40"}},
        {"effort": None},
        {"recall": {}},
        {"recall": {"pictures": {"share": 2, "low": 1, "high": 3, "queries": 500}}},
        {"recall": {"pictures": {"share": 0.9, "low": 0.8, "high": 1, "queries": 0}}},
        {"trained": {"products": -1, "changed": 0}},
        {"wanted": "much"},
        {"kind": "flat"},
        {"kind": "approximate", "exact": True},
    ],
    ids=str,
)
def test_a_manifest_that_tells_no_effort_or_no_recall_is_refused(
    facts: dict[str, Any], tmp_path: Path
) -> None:
    vectors = made(300)
    place = written(tmp_path / "made", vectors, names(vectors))
    path = f"{place_of(METHOD, 'approximate')}/{MANIFEST}"
    manifest = json.loads((Generation(place).place / path).read_text())
    forge(place, path, json.dumps(manifest | facts).encode())
    with pytest.raises(SimilarityError, match=r"damaged|its (kind|exact) is"):
        opened(place, names(vectors))


def test_of_the_same_vectors_each_method_has_its_own_effort_and_recall(tmp_path: Path) -> None:
    vectors = made(300)
    ids = names(vectors)
    place = written(tmp_path / "made", vectors, ids)
    one = opened(place, ids)
    path = f"{place_of(METHOD, 'approximate')}/{MANIFEST}"
    manifest = json.loads((Generation(place).place / path).read_text())
    words = {"share": 0.7, "low": 0.6, "high": 0.8, "queries": 9}
    facts = {
        "effort": {"cells": 3, "shortlist": 20},
        "recall": manifest["recall"] | {"words": words},
    }
    forge(place, path, json.dumps(manifest | facts).encode())
    part = Generation(place).part(place_of(METHOD, "approximate"))
    other: Any = open_index(part, METHOD, fingerprint(ids), same=one)
    assert other.recall["words"] == Recall(0.7, 0.6, 0.8, 9)
    assert other.effort == Effort(3, 20) != one.effort
    assert set(one.recall) == {"pictures"}
    np.testing.assert_array_equal(other.row(5), one.row(5))


@pytest.mark.parametrize("cut", [1, 4 * DIM])
def test_vectors_that_end_too_early_are_refused(cut: int, tmp_path: Path) -> None:
    vectors = made(300)
    place = written(tmp_path / "made", vectors, names(vectors))
    path = f"{place_of(METHOD, 'approximate')}/{VECTORS}"
    forge(place, path, (Generation(place).place / path).read_bytes()[:-cut])
    with pytest.raises(SimilarityError, match=f"damaged.*{VECTORS} holds"):
        opened(place, names(vectors))


def test_the_number_of_cells_grows_as_twice_the_root_of_the_number_of_products() -> None:
    assert [cells_for(count) for count in (6000, 100_000, 1_000_000)] == [128, 512, 2048]


# ---- as a build makes it


@pytest.fixture
def large(
    shop: Catalogue, without_measures: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The pictures of a shop of 400, by far too many for an exact search."""
    monkeypatch.setattr("similarity.indexes.folder.EXACT_UP_TO", 1000)
    return write_pictures(tmp_path / "large", 400)


def build(*options: str) -> Catalogue:
    assert main(["--catalogue", *options, "--methods", "tiny,wordy"]) == 0
    return open_catalogue("large")


def test_a_large_catalogue_is_searched_approximately_and_says_how_much_it_finds(
    large: Path,
) -> None:
    catalogue = build(str(large))
    assert catalogue.methods == ["tiny", "wordy"]
    tiny, wordy = (
        catalogue.index(catalogue.method("tiny")),
        catalogue.index(catalogue.method("wordy")),
    )
    assert isinstance(tiny, ApproximateIndex)
    assert not tiny.exact
    assert set(tiny.recall) == {"pictures"}
    assert isinstance(tiny.recall["pictures"], Recall)
    product = catalogue.products.index[7]
    exact = catalogue.search("tiny", product=product, k=12, exact=True)
    found = catalogue.search("tiny", product=product, k=12)
    assert product not in {hit.product for hit in exact}
    scores = {hit.product: hit.score for hit in exact}
    assert all(scores[hit.product] == hit.score for hit in found if hit.product in scores)
    assert len(catalogue.search("wordy", text="a mug", k=400)) == 400
    assert "pictures" in wordy.recall


def test_what_is_found_by_words_is_measured_by_words(large: Path) -> None:
    lines = ["path,caption", *(f"{n:03}.png,thing {n}" for n in range(400))]
    (large / "metadata.csv").write_text("\n".join(lines))
    catalogue = build(str(large))
    assert set(catalogue.index(catalogue.method("tiny")).recall) == {"pictures"}
    words = catalogue.index(catalogue.method("wordy")).recall["words"]
    assert words.queries == 200  # one half chose the effort


def test_exact_and_a_recall_of_one_compare_every_product_and_take_the_vectors_over(
    large: Path, tiny: Fake
) -> None:
    approximate = build(str(large))
    product = approximate.products.index[3]
    expected = approximate.search("tiny", product=product, k=50, exact=True)
    embedded = sum(tiny.batches)
    for options in (["--exact"], ["--recall", "1"]):
        exact = build(str(large), *options)
        assert exact.index(exact.method("tiny")).exact
        assert exact.search("tiny", product=product, k=50) == expected
        assert "tiny" in exact.methods
        listed = exact.generation.sums
        assert not any("/approximate/" in path for path in listed.below("indexes/"))
        again = build(str(large))
        assert not again.index(again.method("tiny")).exact
    assert sum(tiny.batches) == embedded


def test_the_same_build_again_changes_nothing_and_another_recall_does(large: Path) -> None:
    first = build(str(large))
    assert build(str(large)).generation.number == first.generation.number
    other = build(str(large), "--recall", "0.9")
    assert other.generation.number > first.generation.number
    index = other.index(other.method("tiny"))
    assert isinstance(index, ApproximateIndex)
    assert index.wanted == 0.9


def test_a_few_more_and_fewer_products_are_sorted_into_the_cells_there_are(large: Path) -> None:
    before = build(str(large)).index(METHODS["tiny"])
    (large / "003.png").unlink()
    (large / "900.png").write_bytes(encode(draw(900)))
    catalogue = build(str(large))
    after = catalogue.index(catalogue.method("tiny"))
    assert isinstance(after, ApproximateIndex)
    assert after.trained == Trained(400, 2)
    assert centroids(after) == centroids(before)
    for product in catalogue.products.index[::40]:
        position = catalogue.position(product)
        assert after.search_exactly(after.row(position), 1)[0][0] == position


@pytest.mark.parametrize("given", ["0.4", "1.1", "much", "nan"])
def test_a_recall_that_is_no_share_is_refused(
    given: str, large: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--catalogue", str(large), "--recall", given])
    assert "no share from 0.5 to 1" in capsys.readouterr().err


def test_a_damaged_index_names_the_command_that_mends_it(large: Path, method: Method) -> None:
    catalogue = build(str(large))
    forge(catalogue.folder, f"{place_of(method, 'approximate')}/{CELLS}", b"nothing")
    with refusal(r"refused: it is damaged.*python -m precompute .*"):
        open_catalogue("large").search("tiny", product=catalogue.products.index[0])
    assert not build(str(large)).index(METHODS["tiny"]).exact


@pytest.fixture
def method(tiny: Fake) -> Method:
    return tiny.method
