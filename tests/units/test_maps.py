"""Maps: drawn from exact neighbours, judged as the books say, refused where they are of others."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save
from scipy.spatial.distance import pdist
from sklearn.manifold import trustworthiness

from precompute.__main__ import main
from similarity import METHODS, Catalogue, open_catalogue
from similarity.indexes import compute_fingerprint
from similarity.measures.maps import compute as drawing
from similarity.measures.maps.compute import assess_map, compute_components, draw_map, rank_all
from similarity.measures.maps.schema import (
    MIN_PRODUCTS,
    PATH,
    K,
    align,
    from_bytes,
    load_maps,
    to_bytes,
)
from tests.units.conftest import Fake, forge
from tests.units.drawing import write_pictures
from tests.units.refusals import refusal

EVERY = np.arange(MIN_PRODUCTS)
WRONG = (
    *("format", "other products", "other index", "no quality", "text"),
    *("shape", "number", "order", "place", "more", "none"),
)


@pytest.fixture
def shelf(tiny: Fake, fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A catalogue with as many products as a map has at least."""
    fake("wordy", texts=True)
    monkeypatch.setattr(
        "similarity.measures.robustness.compute.MIN_PRODUCTS", MIN_PRODUCTS + 1
    )  # a matter of its own
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = write_pictures(tmp_path / "shelf", MIN_PRODUCTS)
    assert main(["--catalogue", str(source), "--methods", "pixels,tiny"]) == 0
    return open_catalogue("shelf")


def test_stored_neighbours_are_those_that_searches_find(shelf: Catalogue) -> None:
    maps = load_maps(shelf)
    assert maps.methods == ["pixels", "tiny"]
    ids = shelf.products.index
    for method, near in maps.neighbours.by_method.items():
        for product, row in zip(ids, near, strict=True):
            hits = shelf.search(method, product=product, k=K)
            assert [ids[i] for i in row] == [hit.product for hit in hits]
        assert np.array_equal(maps.map_neighbours[method], near)


def test_trustworthiness_equals_scikit_learn_and_overlap_equals_a_count(
    shelf: Catalogue,
) -> None:
    maps = load_maps(shelf)
    for method, quality in maps.quality.items():
        index = shelf.open_index(shelf.resolve_method(method))
        cosines = index.compute_cross_cosines(index.read(EVERY), index.read(EVERY))
        np.fill_diagonal(cosines, 1)
        far = np.maximum(1 - cosines, 0)
        places = maps.coordinates[method].astype(float)
        expected = trustworthiness(far, places, n_neighbors=K, metric="precomputed")
        assert quality.trustworthiness.mean == pytest.approx(expected, abs=1e-4)
        on_map = np.linalg.norm(places[:, None] - places[None], axis=2)
        np.fill_diagonal(on_map, np.inf)
        nearest = np.argsort(on_map, axis=1)[:, :K]
        rows = zip(nearest, maps.neighbours.by_method[method], strict=True)
        assert quality.overlap.mean == pytest.approx(np.mean([len({*a} & {*b}) for a, b in rows]))
        assert quality.n == MIN_PRODUCTS
        for figure in (quality.trustworthiness, quality.overlap):
            assert figure.low <= figure.mean <= figure.high


def test_many_products_are_judged_by_a_sample(
    shelf: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = shelf.open_index(shelf.resolve_method("tiny"))
    whole, _ = rank_all(index, EVERY, lambda _: None)
    monkeypatch.setattr(drawing, "JUDGED_PRODUCTS", 20)
    monkeypatch.setattr(
        "similarity.measures.rankings.MAX_COSINES", 7 * MIN_PRODUCTS
    )  # in several parts
    rankings, _ = rank_all(index, EVERY, lambda _: None)
    assert np.array_equal(rankings.neighbours, whole.neighbours)
    assert np.array_equal(rankings.ranks, whole.ranks[rankings.judged])
    places = load_maps(shelf).coordinates["tiny"]
    assert assess_map(places, rankings).n == 20


def test_a_map_is_the_same_every_time(shelf: Catalogue) -> None:
    ranked, vectors = rank_all(
        shelf.open_index(shelf.resolve_method("tiny")), EVERY, lambda _: None
    )
    places = draw_map(ranked.neighbours, vectors)
    assert np.array_equal(places, draw_map(ranked.neighbours, vectors))
    stored = load_maps(shelf).coordinates["tiny"]
    assert np.allclose(pdist(stored), pdist(places), rtol=1e-4, atol=1e-3)


def test_alignment_keeps_distances_and_finds_a_turned_and_mirrored_map() -> None:
    first = np.random.default_rng(0).normal(size=(80, 2)).astype(np.float32)
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])  # mirrors, too
    moved = (3 * first @ turn + 5).astype(np.float32)
    aligned = align(moved, first)
    assert np.allclose(pdist(aligned), pdist(moved), rtol=1e-4)
    assert np.allclose(aligned, 3 * (first - first.mean(0)), atol=1e-4)


def test_the_components_have_the_cosines() -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 8))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    sample = np.arange(0, 60, 3)
    reduced = compute_components(vectors @ vectors[sample].T, sample)
    assert reduced.shape == (60, 8)
    assert np.allclose(reduced @ reduced.T, vectors @ vectors.T)


def test_identical_products_are_at_one_point() -> None:
    near = np.array([[j for j in range(K + 1) if j != i][:K] for i in range(MIN_PRODUCTS)])
    assert not draw_map(near, np.ones((MIN_PRODUCTS, 1))).any()


def test_a_large_catalogue_has_a_map_of_a_sample(
    shelf: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MAX_PRODUCTS", 45)
    assert main(["--catalogue", str(tmp_path / "shelf"), "--methods", "tiny"]) == 0
    assert len(load_maps(open_catalogue("shelf")).neighbours.queries) == 45
    # pixels, whose vectors are long, let fewer in
    monkeypatch.setattr(drawing, "MAX_OPERATIONS", 40**2 * (12 + METHODS["pixels"].dim))
    assert main(["--catalogue", str(tmp_path / "shelf"), "--methods", "tiny"]) == 0
    catalogue = open_catalogue("shelf")
    maps = load_maps(catalogue)
    assert len(maps.neighbours.queries) == 40
    ids = catalogue.products.index
    for place, near in zip(maps.neighbours.queries, maps.neighbours.by_method["tiny"], strict=True):
        hits = catalogue.search("tiny", product=ids[place], k=MIN_PRODUCTS)
        products = [hit.product for hit in hits if hit.product in {*ids[maps.neighbours.queries]}]
        assert [ids[i] for i in near] == products[:K]
    again = maps.neighbours.queries[maps.map_neighbours["tiny"]]
    assert np.array_equal(again, maps.neighbours.by_method["tiny"])


def test_maps_of_unchanged_products_are_reused(
    shelf: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    surveyed: list[int] = []

    def counted(index: Any, *rest: Any) -> Any:
        surveyed.append(index.count)
        return rank_all(index, *rest)

    monkeypatch.setattr(drawing, "rank_all", counted)
    before = load_maps(shelf)
    build = ["--catalogue", str(tmp_path / "shelf"), "--methods"]
    assert main([*build, "pixels,tiny"]) == 0
    assert not surveyed
    assert open_catalogue("shelf").generation.number == shelf.generation.number  # all is the same
    assert main([*build, "wordy"]) == 0
    assert len(surveyed) == 1
    after = load_maps(open_catalogue("shelf"))
    assert after.methods == ["pixels", "tiny", "wordy"]
    for method in before.methods:
        assert np.allclose(after.coordinates[method], before.coordinates[method], atol=1e-4)
        assert after.quality[method] == before.quality[method]


def test_too_few_products_have_no_map(shop: Catalogue) -> None:
    with refusal("missing.*python -m precompute"):
        load_maps(shop)


def test_stored_measures_are_read_back(shelf: Catalogue) -> None:
    maps = load_maps(shelf)
    again = from_bytes(to_bytes(maps), maps.neighbours.ids)
    assert to_bytes(again) == to_bytes(maps)
    assert (again.quality, again.algorithm) == (maps.quality, maps.algorithm)


def damaged(content: bytes, what: str) -> bytes:
    """A file of maps in which one thing is not as it was written."""
    size = int.from_bytes(content[:8], "little")
    facts = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["facts"])
    tensors = load(content)
    match what:
        case "format":
            facts["format"] = 99
        case "other products":
            facts["catalogue"] = compute_fingerprint(["a"])
        case "other index":
            facts["methods"]["tiny"] = "0"
        case "no quality":
            del facts["quality"]["tiny"]
        case "text":
            facts["quality"]["tiny"]["n"] = "many"
        case "shape":
            tensors["near tiny"] = tensors["near tiny"][:, :3].copy()
        case "number":
            tensors["near tiny"][0, 0] = MIN_PRODUCTS
        case "order":
            tensors["products"] = tensors["products"][::-1].copy()
        case "place":
            tensors["place tiny"][0, 0] = np.nan
        case "more":
            tensors["more"] = tensors["products"]
        case "none":
            return b"none"
    return save(tensors, {"facts": json.dumps(facts)})


def test_outdated_measures_are_refused_with_the_command_to_build_them(shelf: Catalogue) -> None:
    written = shelf.generation.read(PATH)
    for what in WRONG:
        forge(shelf.folder, PATH, damaged(written, what))
        with refusal("python -m precompute"):
            load_maps(open_catalogue("shelf"))
