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
from similarity import METHODS, Catalogue, Part, open_catalogue
from similarity.errors import SimilarityError
from similarity.indexes import (
    MANIFEST,
    TOP_K,
    Effort,
    Trained,
    VectorIndex,
    choose_kind,
    compute_fingerprint,
    get_kind_folder,
    normalise,
    open_index,
    write_index,
)
from similarity.indexes.approximate.build import RETRAIN_ABOVE, reuse_cells, write_approximate
from similarity.indexes.approximate.index import CELLS, VECTORS, ApproximateIndex, choose_cell_count
from similarity.indexes.effort import Recall
from similarity.indexes.flat import FlatIndex
from similarity.methods import Method, Vectors
from similarity.store.generations import Generation
from tests.units.conftest import NO_PAIRS, Fake, forge, sealed
from tests.units.drawing import draw, encode, write_pictures
from tests.units.refusals import refusal

COUNT, DIM = 6000, 32
METHOD = replace(METHODS["efficientnet"], key="made", title="Made", dim=DIM, backbone=None)


def make_vectors(count: int, seed: int = 0) -> Vectors:
    """Unit vectors in clusters; the first six are equal, and the seventh is of length 0."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((60, DIM))
    vectors = centres[rng.integers(60, size=count)] + 0.5 * rng.standard_normal((count, DIM))
    vectors[:6], vectors[6] = vectors[0], 0
    return normalise(vectors.astype(np.float32))


def names(vectors: Vectors, start: int = 0) -> list[str]:
    return [f"{i + start:020x}" for i in range(len(vectors))]


def blocks(vectors: Vectors) -> Iterable[Vectors]:
    return np.array_split(vectors, 7)


def written(
    folder: Path,
    vectors: Vectors,
    ids: list[str],
    old: tuple[Any, Trained] | None = None,
    target_recall: float = 0.99,
) -> Path:
    def write(place: Path) -> None:
        write_approximate(
            place,
            METHOD,
            ids,
            blocks(vectors),
            NO_PAIRS,
            np.empty((0, METHOD.dim), np.float32),
            target_recall,
            old,
            lambda doing, done, total: None,
        )

    sealed(folder, get_kind_folder(METHOD, "approximate"), write)
    return folder


def opened(folder: Path, ids: list[str], kind: str = "approximate") -> Any:
    part = Generation(folder).folder_files(get_kind_folder(METHOD, kind))
    return open_index(part, METHOD, compute_fingerprint(ids))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    vectors = make_vectors(COUNT)
    return written(tmp_path_factory.mktemp("approximate") / "made", vectors, names(vectors))


@pytest.fixture(scope="module")
def index(folder: Path) -> ApproximateIndex:
    index_opened: ApproximateIndex = opened(folder, names(make_vectors(COUNT)))
    return index_opened


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> VectorIndex:
    vectors = make_vectors(COUNT)
    ids, place = names(vectors), tmp_path_factory.mktemp("flat") / "made"
    sealed(
        place,
        get_kind_folder(METHOD, "flat"),
        lambda folder: write_index(folder, METHOD, ids, blocks(vectors), NO_PAIRS),
    )
    flat_index: VectorIndex = opened(place, ids, "flat")
    return flat_index


def found_of(index: VectorIndex, exact: VectorIndex, positions: Iterable[int]) -> np.ndarray:
    """The share of each exact top AT that is found, equally near ones counting as each other."""
    shares = []
    for position in positions:
        row = index.read_row(position)
        _, scores = index.search(row, TOP_K, leave_out=position)
        last = exact.search(row, TOP_K, leave_out=position)[1][-1]
        shares.append(np.mean(scores >= last))
    return np.array(shares)


def test_a_catalogue_is_approximated_only_where_comparing_all_takes_over_ten_milliseconds() -> None:
    for method in METHODS.values():
        assert choose_kind(method, 6000) == method.index
    assert choose_kind(METHOD, 40_000_000 // DIM) == "flat"
    assert choose_kind(METHOD, 40_000_000 // DIM + 1) == "approximate"
    assert choose_kind(METHOD, 10**9, exact=True) == "flat"
    assert choose_kind(METHODS["pixels"], 10**9) == "pixels"


def test_exact_search_equals_flat_search_including_ties(
    index: ApproximateIndex, flat: VectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("similarity.indexes.stored_rows.BLOCK_BYTES", 100_000)  # several blocks
    for position in (0, 3, 6, 7, 1234, COUNT - 1):
        for k in (1, 4, 10, 700):
            row = index.read_row(position)
            np.testing.assert_array_equal(row, flat.read_row(position))
            for leave_out in (-1, position):
                positions, scores = index.search_exactly(row, k, leave_out)
                expected, scores_found = flat.search(row, k, leave_out)
                np.testing.assert_array_equal(positions, expected)
                np.testing.assert_array_equal(scores, scores_found)


def test_scores_are_exact_and_ties_are_in_catalogue_order(
    index: ApproximateIndex, flat: VectorIndex
) -> None:
    positions, scores = index.search(index.read_row(2), TOP_K, leave_out=2)
    assert list(positions[:5]) == [0, 1, 3, 4, 5]
    assert 2 not in positions
    whole = dict(zip(*flat.search(index.read_row(2), COUNT), strict=True))
    assert [whole[position] for position in positions] == list(scores)
    assert list(scores) == sorted(scores, reverse=True)


def test_more_results_than_the_cells_hold_are_found(
    index: ApproximateIndex, flat: VectorIndex
) -> None:
    row = index.read_row(9)
    for k in (COUNT - 1, COUNT, COUNT + 5):
        positions, _ = index.search(row, k, leave_out=9)
        np.testing.assert_array_equal(positions, flat.search(row, k, leave_out=9)[0])


def test_cells_with_too_few_vectors_are_compensated(flat: VectorIndex, folder: Path) -> None:
    index = opened(folder, names(make_vectors(COUNT)))
    index.effort = Effort(1, 70)  # for 100 a list of 700, which no cell holds
    row = index.read_row(50)
    np.testing.assert_array_equal(index.search(row, 100)[0], flat.search(row, 100)[0])


def test_an_index_has_the_recall_of_its_manifest_and_at_least_the_target(
    index: ApproximateIndex, flat: VectorIndex
) -> None:
    stated = index.recall["pictures"]
    assert stated.queries >= 500
    assert stated.share >= 0.99
    anew = found_of(index, flat, np.random.default_rng(5).permutation(COUNT)[:500])
    assert anew.mean() >= 0.99
    assert abs(anew.mean() - stated.share) < 0.006


def test_a_higher_target_recall_leads_to_more_effort(
    index: ApproximateIndex, tmp_path: Path
) -> None:
    vectors = make_vectors(COUNT)
    less = opened(
        written(tmp_path / "made", vectors, names(vectors), target_recall=0.8), names(vectors)
    )
    assert less.target_recall == 0.8
    cost = [
        i.effort.cells * COUNT / i.cell_count * i.code_size + i.effort.shortlist * 4 * DIM
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
    opened(folder, names(make_vectors(COUNT)))
    assert read
    assert not any(path.endswith(VECTORS) for path in read)


def test_a_small_change_keeps_the_cells_and_the_recall_of_a_new_index(
    folder: Path, tmp_path: Path
) -> None:
    vectors = np.concatenate([make_vectors(COUNT)[300:], make_vectors(300, seed=8)])
    ids = names(make_vectors(COUNT))[300:] + names(make_vectors(300), start=COUNT)
    before = opened(folder, names(make_vectors(COUNT)))
    old = reuse_cells(before, names(make_vectors(COUNT)), ids)
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
        hits = updated.search_exactly(updated.read_row(position), TOP_K)
        np.testing.assert_array_equal(hits, exact.search(vectors[position], TOP_K))


def centroids(index: Any) -> bytes:
    inner: Any = faiss.downcast_index(index._cells.index)
    centroid_bytes: bytes = inner.quantizer.reconstruct_n(0, inner.nlist).tobytes()
    return centroid_bytes


def test_many_small_changes_add_up_to_cells_found_anew(index: ApproximateIndex) -> None:
    ids = names(make_vectors(COUNT))
    allowed = int(RETRAIN_ABOVE * COUNT)
    assert reuse_cells(index, ids, ids[allowed:]) is not None
    assert reuse_cells(index, ids, ids[allowed + 1 :]) is None
    former = replace(index.trained, changed=allowed - 1)
    later = ApproximateIndex(index._cells, index._stored)
    later.trained = former
    assert reuse_cells(later, ids, ids[1:]) is not None
    assert reuse_cells(later, ids, ids[2:]) is None
    assert reuse_cells(None, ids, ids) is None


def foreign(kind: str) -> bytes:
    """An index of FAISS's that is none of this catalogue's."""
    vectors = make_vectors(COUNT)
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
    cells.train(make_vectors(COUNT))
    numbers = np.arange(COUNT)
    numbers[5] = 4
    vectors = cells.chain.at(0).apply(make_vectors(COUNT))
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
    place = written(tmp_path / "made", make_vectors(1500), names(make_vectors(1500)))
    forge(place, f"{get_kind_folder(METHOD, 'approximate')}/{CELLS}", content())
    with pytest.raises(SimilarityError, match="damaged"):
        opened(place, names(make_vectors(1500)))


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
def test_a_manifest_without_effort_or_recall_is_refused(
    facts: dict[str, Any], tmp_path: Path
) -> None:
    vectors = make_vectors(300)
    place = written(tmp_path / "made", vectors, names(vectors))
    path = f"{get_kind_folder(METHOD, 'approximate')}/{MANIFEST}"
    manifest = json.loads((Generation(place).folder / path).read_text())
    forge(place, path, json.dumps(manifest | facts).encode())
    with pytest.raises(SimilarityError, match=r"damaged|its (kind|exact) is"):
        opened(place, names(vectors))


def test_methods_with_shared_vectors_have_their_own_effort_and_recall(tmp_path: Path) -> None:
    vectors = make_vectors(300)
    ids = names(vectors)
    place = written(tmp_path / "made", vectors, ids)
    one = opened(place, ids)
    path = f"{get_kind_folder(METHOD, 'approximate')}/{MANIFEST}"
    manifest = json.loads((Generation(place).folder / path).read_text())
    words = {"share": 0.7, "low": 0.6, "high": 0.8, "queries": 9}
    facts = {
        "effort": {"cells": 3, "shortlist": 20},
        "recall": manifest["recall"] | {"words": words},
    }
    forge(place, path, json.dumps(manifest | facts).encode())
    part = Generation(place).folder_files(get_kind_folder(METHOD, "approximate"))
    other: Any = open_index(part, METHOD, compute_fingerprint(ids), shared=one)
    assert other.recall["words"] == Recall(0.7, 0.6, 0.8, 9)
    assert other.effort == Effort(3, 20) != one.effort
    assert set(one.recall) == {"pictures"}
    np.testing.assert_array_equal(other.read_row(5), one.read_row(5))


@pytest.mark.parametrize("cut", [1, 4 * DIM])
def test_vectors_that_end_too_early_are_refused(cut: int, tmp_path: Path) -> None:
    vectors = make_vectors(300)
    place = written(tmp_path / "made", vectors, names(vectors))
    path = f"{get_kind_folder(METHOD, 'approximate')}/{VECTORS}"
    forge(place, path, (Generation(place).folder / path).read_bytes()[:-cut])
    with pytest.raises(SimilarityError, match=f"damaged.*{VECTORS} holds"):
        opened(place, names(vectors))


def test_the_number_of_cells_grows_as_twice_the_root_of_the_number_of_products() -> None:
    assert [choose_cell_count(count) for count in (6000, 100_000, 1_000_000)] == [128, 512, 2048]


# ---- as a build makes it


@pytest.fixture
def large(
    shop: Catalogue, without_measures: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The pictures of a shop of 400, by far too many for an exact search."""
    monkeypatch.setattr("similarity.indexes.folder.EXACT_LIMIT", 1000)
    return write_pictures(tmp_path / "large", 400)


def build(*options: str) -> Catalogue:
    assert main(["--catalogue", *options, "--methods", "tiny,wordy"]) == 0
    return open_catalogue("large")


def test_a_large_catalogue_is_searched_approximately_and_shows_its_recall(
    large: Path,
) -> None:
    catalogue = build(str(large))
    assert catalogue.methods == ["tiny", "wordy"]
    tiny, wordy = (
        catalogue.open_index(catalogue.resolve_method("tiny")),
        catalogue.open_index(catalogue.resolve_method("wordy")),
    )
    assert isinstance(tiny, ApproximateIndex)
    assert not tiny.exact
    assert set(tiny.recall) == {"pictures"}
    assert isinstance(tiny.recall["pictures"], Recall)
    product = catalogue.products.index[7]
    exact = catalogue.search("tiny", product=product, k=12, exact=True)
    hits = catalogue.search("tiny", product=product, k=12)
    assert product not in {hit.product for hit in exact}
    scores = {hit.product: hit.score for hit in exact}
    assert all(scores[hit.product] == hit.score for hit in hits if hit.product in scores)
    assert len(catalogue.search("wordy", text="a mug", k=400)) == 400
    assert "pictures" in wordy.recall


def test_a_query_of_several_parts_has_exact_scores(large: Path) -> None:
    catalogue = build(str(large))
    one, other, third = catalogue.products.index[[7, 70, 140]]
    parts = [Part("product", one), Part("product", other, 0.75), Part("product", third, -0.25)]
    exact = catalogue.search("tiny", parts=parts, k=350, exact=True)
    method = catalogue.resolve_method("tiny")
    rows = catalogue.open_index(method).read(np.arange(len(catalogue.products)))
    total = rows[7] + 0.75 * rows[70] - 0.25 * rows[140]
    scores = rows.astype(np.float64) @ (total / np.linalg.norm(total))
    best = np.sort(np.delete(scores, [7, 70, 140]))[::-1]
    np.testing.assert_allclose([hit.score for hit in exact], best[:350], atol=1e-6)
    hits = catalogue.search("tiny", parts=parts, k=12)
    assert len(hits) == 12
    scores_by_product = {hit.product: hit.score for hit in exact}
    assert all(hit.score == pytest.approx(scores_by_product[hit.product], abs=1e-6) for hit in hits)


def test_text_search_is_measured_by_texts(large: Path) -> None:
    lines = ["path,caption", *(f"{n:03}.png,thing {n}" for n in range(400))]
    (large / "metadata.csv").write_text("\n".join(lines))
    catalogue = build(str(large))
    assert set(catalogue.open_index(catalogue.resolve_method("tiny")).recall) == {"pictures"}
    words = catalogue.open_index(catalogue.resolve_method("wordy")).recall["words"]
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
        assert exact.open_index(exact.resolve_method("tiny")).exact
        assert exact.search("tiny", product=product, k=50) == expected
        assert "tiny" in exact.methods
        listed = exact.generation.sums
        assert not any("/approximate/" in path for path in listed.list_paths("indexes/"))
        again = build(str(large))
        assert not again.open_index(again.resolve_method("tiny")).exact
    assert sum(tiny.batches) == embedded


def test_the_same_build_again_changes_nothing_and_another_recall_does(large: Path) -> None:
    first = build(str(large))
    assert build(str(large)).generation.number == first.generation.number
    other = build(str(large), "--recall", "0.9")
    assert other.generation.number > first.generation.number
    index = other.open_index(other.resolve_method("tiny"))
    assert isinstance(index, ApproximateIndex)
    assert index.target_recall == 0.9


def test_a_few_added_or_removed_products_keep_the_existing_cells(large: Path) -> None:
    before = build(str(large)).open_index(METHODS["tiny"])
    (large / "003.png").unlink()
    (large / "900.png").write_bytes(encode(draw(900)))
    catalogue = build(str(large))
    after = catalogue.open_index(catalogue.resolve_method("tiny"))
    assert isinstance(after, ApproximateIndex)
    assert after.trained == Trained(400, 2)
    assert centroids(after) == centroids(before)
    for product in catalogue.products.index[::40]:
        position = catalogue.find_position(product)
        assert after.search_exactly(after.read_row(position), 1)[0][0] == position


@pytest.mark.parametrize("share", ["0.4", "1.1", "much", "nan"])
def test_a_recall_that_is_not_a_share_is_refused(
    share: str, large: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--catalogue", str(large), "--recall", share])
    assert "not a share from 0.5 to 1" in capsys.readouterr().err


def test_a_damaged_index_names_the_repair_command(large: Path, method: Method) -> None:
    catalogue = build(str(large))
    forge(catalogue.folder, f"{get_kind_folder(method, 'approximate')}/{CELLS}", b"nothing")
    with refusal(r"refused: it is damaged.*python -m precompute .*"):
        open_catalogue("large").search("tiny", product=catalogue.products.index[0])
    assert not build(str(large)).open_index(METHODS["tiny"]).exact


@pytest.fixture
def method(tiny: Fake) -> Method:
    return tiny.method
