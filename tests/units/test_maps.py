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
from similarity.indexes import fingerprint
from similarity.measures.maps import compute as drawing
from similarity.measures.maps.compute import assessed, components, drawn, survey
from similarity.measures.maps.schema import (
    LEAST,
    PLACE,
    K,
    aligned,
    from_bytes,
    stored_maps,
    to_bytes,
)
from tests.units.conftest import Fake, forge
from tests.units.drawing import write_pictures
from tests.units.refusals import refusal

EVERY = np.arange(LEAST)
WRONG = (
    *("format", "other products", "other index", "no quality", "text"),
    *("shape", "number", "order", "place", "more", "none"),
)


@pytest.fixture
def shelf(tiny: Fake, fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A catalogue with as many products as a map has at least."""
    fake("wordy", texts=True)
    monkeypatch.setattr(
        "similarity.measures.robustness.compute.LEAST", LEAST + 1
    )  # a matter of its own
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = write_pictures(tmp_path / "shelf", LEAST)
    assert main(["--catalogue", str(source), "--methods", "pixels,tiny"]) == 0
    return open_catalogue("shelf")


def test_stored_neighbours_are_those_that_searches_find(shelf: Catalogue) -> None:
    found = stored_maps(shelf)
    assert found.methods == ["pixels", "tiny"]
    ids = shelf.products.index
    for method, near in found.near.near.items():
        for product, row in zip(ids, near, strict=True):
            hits = shelf.search(method, product=product, k=K)
            assert [ids[i] for i in row] == [hit.product for hit in hits]
        assert np.array_equal(found.numbers[method], near)


def test_trustworthiness_and_what_is_kept_are_scikit_learn_s_and_the_count_s(
    shelf: Catalogue,
) -> None:
    found = stored_maps(shelf)
    for method, quality in found.quality.items():
        index = shelf.index(shelf.method(method))
        cosines = index.cross(index.read(EVERY), index.read(EVERY))
        np.fill_diagonal(cosines, 1)
        far = np.maximum(1 - cosines, 0)
        places = found.places[method].astype(float)
        expected = trustworthiness(far, places, n_neighbors=K, metric="precomputed")
        assert quality.trustworthiness.mean == pytest.approx(expected, abs=1e-4)
        on_map = np.linalg.norm(places[:, None] - places[None], axis=2)
        np.fill_diagonal(on_map, np.inf)
        nearest = np.argsort(on_map, axis=1)[:, :K]
        rows = zip(nearest, found.near.near[method], strict=True)
        assert quality.kept.mean == pytest.approx(np.mean([len({*a} & {*b}) for a, b in rows]))
        assert quality.n == LEAST
        for figure in (quality.trustworthiness, quality.kept):
            assert figure.low <= figure.mean <= figure.high


def test_the_judged_are_a_sample_where_there_are_many(
    shelf: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = shelf.index(shelf.method("tiny"))
    whole, _ = survey(index, EVERY, lambda _: None)
    monkeypatch.setattr(drawing, "JUDGED", 20)
    monkeypatch.setattr("similarity.measures.rankings.CELLS", 7 * LEAST)  # in several parts
    some, _ = survey(index, EVERY, lambda _: None)
    assert np.array_equal(some.near, whole.near)
    assert np.array_equal(some.ranks, whole.ranks[some.judged])
    places = stored_maps(shelf).places["tiny"]
    assert assessed(places, some).n == 20


def test_a_map_is_the_same_every_time(shelf: Catalogue) -> None:
    ranked, vectors = survey(shelf.index(shelf.method("tiny")), EVERY, lambda _: None)
    places = drawn(ranked.near, vectors)
    assert np.array_equal(places, drawn(ranked.near, vectors))
    stored = stored_maps(shelf).places["tiny"]
    assert np.allclose(pdist(stored), pdist(places), rtol=1e-4, atol=1e-3)


def test_alignment_keeps_distances_and_finds_a_turned_and_mirrored_map() -> None:
    first = np.random.default_rng(0).normal(size=(80, 2)).astype(np.float32)
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])  # mirrors, too
    moved = (3 * first @ turn + 5).astype(np.float32)
    found = aligned(moved, first)
    assert np.allclose(pdist(found), pdist(moved), rtol=1e-4)
    assert np.allclose(found, 3 * (first - first.mean(0)), atol=1e-4)


def test_the_components_have_the_cosines() -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 8))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    some = np.arange(0, 60, 3)
    reduced = components(vectors @ vectors[some].T, some)
    assert reduced.shape == (60, 8)
    assert np.allclose(reduced @ reduced.T, vectors @ vectors.T)


def test_products_that_are_all_the_same_stand_in_one_place() -> None:
    near = np.array([[j for j in range(K + 1) if j != i][:K] for i in range(LEAST)])
    assert not drawn(near, np.ones((LEAST, 1))).any()


def test_a_large_catalogue_has_a_map_of_a_sample(
    shelf: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MOST", 45)
    assert main(["--catalogue", str(tmp_path / "shelf"), "--methods", "tiny"]) == 0
    assert len(stored_maps(open_catalogue("shelf")).near.queries) == 45
    # pixels, whose vectors are long, let fewer in
    monkeypatch.setattr(drawing, "WORK", 40**2 * (12 + METHODS["pixels"].dim))
    assert main(["--catalogue", str(tmp_path / "shelf"), "--methods", "tiny"]) == 0
    catalogue = open_catalogue("shelf")
    found = stored_maps(catalogue)
    assert len(found.near.queries) == 40
    ids = catalogue.products.index
    for place, near in zip(found.near.queries, found.near.near["tiny"], strict=True):
        hits = catalogue.search("tiny", product=ids[place], k=LEAST)
        shown = [hit.product for hit in hits if hit.product in {*ids[found.near.queries]}]
        assert [ids[i] for i in near] == shown[:K]
    again = found.near.queries[found.numbers["tiny"]]
    assert np.array_equal(again, found.near.near["tiny"])


def test_maps_of_what_has_not_changed_are_taken_over(
    shelf: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    surveyed: list[int] = []

    def counted(index: Any, *rest: Any) -> Any:
        surveyed.append(index.count)
        return survey(index, *rest)

    monkeypatch.setattr(drawing, "survey", counted)
    before = stored_maps(shelf)
    build = ["--catalogue", str(tmp_path / "shelf"), "--methods"]
    assert main([*build, "pixels,tiny"]) == 0
    assert not surveyed
    assert open_catalogue("shelf").generation.number == shelf.generation.number  # all is the same
    assert main([*build, "wordy"]) == 0
    assert len(surveyed) == 1
    after = stored_maps(open_catalogue("shelf"))
    assert after.methods == ["pixels", "tiny", "wordy"]
    for method in before.methods:
        assert np.allclose(after.places[method], before.places[method], atol=1e-4)
        assert after.quality[method] == before.quality[method]


def test_of_fewer_products_there_is_no_map(shop: Catalogue) -> None:
    with refusal("missing.*python -m precompute"):
        stored_maps(shop)


def test_what_is_stored_is_read_back(shelf: Catalogue) -> None:
    found = stored_maps(shelf)
    again = from_bytes(to_bytes(found), found.near.ids)
    assert to_bytes(again) == to_bytes(found)
    assert (again.quality, again.how) == (found.quality, found.how)


def damaged(content: bytes, what: str) -> bytes:
    """A file of maps in which one thing is not as it was written."""
    size = int.from_bytes(content[:8], "little")
    facts = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["facts"])
    tensors = load(content)
    match what:
        case "format":
            facts["format"] = 99
        case "other products":
            facts["catalogue"] = fingerprint(["a"])
        case "other index":
            facts["methods"]["tiny"] = "0"
        case "no quality":
            del facts["quality"]["tiny"]
        case "text":
            facts["quality"]["tiny"]["n"] = "many"
        case "shape":
            tensors["near tiny"] = tensors["near tiny"][:, :3].copy()
        case "number":
            tensors["near tiny"][0, 0] = LEAST
        case "order":
            tensors["products"] = tensors["products"][::-1].copy()
        case "place":
            tensors["place tiny"][0, 0] = np.nan
        case "more":
            tensors["more"] = tensors["products"]
        case "none":
            return b"none"
    return save(tensors, {"facts": json.dumps(facts)})


def test_what_is_not_of_these_indexes_is_refused_with_the_command(shelf: Catalogue) -> None:
    written = shelf.generation.read(PLACE)
    for what in WRONG:
        forge(shelf.folder, PLACE, damaged(written, what))
        with refusal("python -m precompute"):
            stored_maps(open_catalogue("shelf"))
