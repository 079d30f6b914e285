"""What a build measures of distorted pictures: as searches find it, stored, refused elsewhere."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.databases import open_lite
from precompute.__main__ import main
from similarity import METHODS, Catalogue, open_catalogue
from similarity.indexes import RandomPairs
from similarity.measures.maps import schema as maps
from similarity.measures.metrics.schema import Figure, load_metrics
from similarity.measures.neighbours import schema as neighbours
from similarity.measures.rankings import rank_originals
from similarity.measures.robustness.schema import (
    MIN_PRODUCTS,
    PATH,
    TOP_K,
    Curve,
    MethodCurves,
    Point,
    Robustness,
    SceneScore,
    compute_area_weights,
    find_losses,
    from_json,
    list_amounts,
    load_robustness,
    to_json,
)
from similarity.measures.robustness.scores import (
    QUERIES,
    compare_scenes,
    compute_curves,
    compute_median,
    compute_scenes,
    compute_share,
)
from similarity.perturbations import PERTURBATIONS, SCENES, perturb
from similarity.statistics.intervals import compute_wilson_interval
from tests.units.conftest import Fake, forge
from tests.units.drawing import write_pictures
from tests.units.refusals import refusal

NO_CURVE = {"n": 1, "points": [], "area": {"mean": 0.0, "low": 0.0, "high": 0.0}}
NO_SHARE = {"mean": 0.0, "low": 0.0, "high": 0.0}
NO_SCENE = {"n": 1, "first": NO_SHARE, "ten": NO_SHARE, "found": []}
EMPTY = {"stamp": "1", "curves": {}, "scenes": {}}
NO_PAIRS = RandomPairs(np.empty(0, np.float32), "")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pictures `shelf`, as many as are measured at least, and built of them."""
    folder = tmp_path_factory.mktemp("measured")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(METHODS, "tiny", Fake("tiny", texts=False, revision="1").method)
        source = str(write_pictures(folder / "shelf", MIN_PRODUCTS))
        arguments = [
            "--catalogue",
            source,
            "--methods",
            "pixels,tiny",
            "--to",
            str(folder / "built"),
        ]
        assert main(arguments) == 0
    return folder


@pytest.fixture
def shelf(
    measured: Path, tiny: Fake, fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Catalogue:
    """A copy of it, which a test may change."""
    fake("wordy", texts=True)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    shutil.copytree(measured, tmp_path, dirs_exist_ok=True)
    return open_catalogue("shelf")


def test_stored_figures_equal_searches_by_the_distorted_pictures(shelf: Catalogue) -> None:
    robustness = load_robustness(shelf)
    assert (robustness.products, robustness.sample) == (MIN_PRODUCTS, MIN_PRODUCTS)
    assert list(robustness.methods) == ["pixels", "tiny"]
    products = shelf.products.index
    for method, measured in robustness.methods.items():
        pairs = shelf.open_index(shelf.resolve_method(method)).pairs["pictures"]
        for key in ("turn", "blur", "flip"):
            curve = measured.curves[key]
            assert curve.n == MIN_PRODUCTS
            for point in curve.points:
                cosines, ranks = [], []
                for product in products:
                    picture = perturb(shelf.read_picture(product), {key: point.amount})
                    hits = shelf.search(method, image=picture, k=MIN_PRODUCTS)
                    (query_hit,) = (hit for hit in hits if hit.product == product)
                    cosines.append(query_hit.score)
                    ranks.append(sum(hit.score >= query_hit.score for hit in hits))
                assert point.similarity.median == pytest.approx(np.median(cosines), abs=1e-6)
                assert point.first_share.mean == pytest.approx((np.array(ranks) == 1).mean())
                assert point.top_share.mean == pytest.approx((np.array(ranks) <= 10).mean())
                assert point.share_at_most
                shares = [pairs.share_at_most(cosine) for cosine in cosines]
                assert point.share_at_most.median == pytest.approx(np.median(shares), abs=0.02)  # type: ignore[arg-type]


def test_a_scene_s_score_is_the_share_of_products_that_searches_find_first(
    shelf: Catalogue,
) -> None:
    robustness, products = load_robustness(shelf), shelf.products.index
    for name in ("A scan", "A tiny thumbnail"):
        for method, measured in robustness.methods.items():
            ranks = {}
            for product in products:
                picture = perturb(shelf.read_picture(product), SCENES[name])
                hits = shelf.search(method, image=picture, k=MIN_PRODUCTS)
                (query_hit,) = (hit for hit in hits if hit.product == product)
                ranks[product] = sum(hit.score >= query_hit.score for hit in hits)
            score = measured.scenes[name]
            assert score.n == MIN_PRODUCTS
            assert set(score.top_products) == {id for id, rank in ranks.items() if rank <= TOP_K}
            assert score.top_share.mean == pytest.approx(len(score.top_products) / MIN_PRODUCTS)
            first = sum(rank == 1 for rank in ranks.values())
            assert score.first_share.mean == pytest.approx(first / MIN_PRODUCTS)
    scene = "Upside down"
    for measured in robustness.methods.values():
        (half_turn,) = (p for p in measured.curves["turn"].points if p.amount == 180)
        assert measured.scenes[scene].first_share == half_turn.first_share


def test_a_scene_is_only_measured_with_pictures_that_all_of_it_applies_to() -> None:
    shape = 60, len(QUERIES)
    scores, before = np.ones(shape), np.zeros(shape, int)
    ids = [str(i) for i in range(60)]
    photo = QUERIES.index(dict(SCENES["A customer's photo"]))
    scores[:8, photo], before[10:40, photo] = np.nan, TOP_K
    scene = compute_scenes(scores, before, ids, np.arange(60))["A customer's photo"]
    assert (scene.n, scene.top_products) == (52, ids[8:10] + ids[40:])
    scores[:11, photo] = np.nan
    scenes = compute_scenes(scores, before, ids, np.arange(60))
    assert "A customer's photo" not in scenes
    assert "A scan" in scenes


def score_scene(ids: list[str]) -> MethodCurves:
    share = Figure(len(ids) / 60, 0, 1)
    return MethodCurves("1", {}, {"A scan": SceneScore(60, share, share, ids)})


def test_methods_are_told_apart_in_a_scene_only_by_enough_different_products() -> None:
    ids = [str(i) for i in range(60)]
    methods = {"a": score_scene(ids[:30]), "b": score_scene(ids[:20]), "c": score_scene(ids[:28])}
    differences = compare_scenes(methods, ids, np.arange(60))
    assert [(each.one, each.other) for each in differences] == [("a", "b"), ("a", "c"), ("b", "c")]
    first, second, third = differences
    assert first.p == pytest.approx(2 / 2**10), "ten products, all for one method"
    assert first.estimate.mean == pytest.approx(10 / 60)
    assert (second.p, third.p) == (pytest.approx(0.5), pytest.approx(2 / 2**8))
    assert [each.is_significant for each in differences] == [True, False, True]
    variants = np.arange(60) // 5  # groups of five: two groups decide
    assert not any(each.is_significant for each in compare_scenes(methods, ids, variants))


def test_undistorted_products_are_found_first_by_every_method(shelf: Catalogue) -> None:
    for measured in load_robustness(shelf).methods.values():
        for curve in measured.curves.values():
            (zero,) = (point for point in curve.points if point.amount == 0)
            assert zero.first_share.mean == zero.top_share.mean == 1
            assert zero.similarity.median == pytest.approx(1, abs=1e-6)


def test_every_share_and_median_lies_in_its_interval(shelf: Catalogue) -> None:
    for measured in load_robustness(shelf).methods.values():
        for curve in measured.curves.values():
            for point in curve.points:
                for figure in (point.first_share, point.top_share):
                    assert 0 <= figure.low <= figure.mean <= figure.high <= 1
                    assert figure.low < figure.high, "of so few no share is sure"
                assert point.similarity.low <= point.similarity.median <= point.similarity.high
            assert curve.area.low <= curve.area.mean <= curve.area.high


def test_wilson_s_interval_and_a_median_s_are_those_of_the_books_where_products_are_alone() -> None:
    assert compute_wilson_interval(0.8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    of_few, of_many = (compute_share(np.arange(n) < 0.8 * n, np.arange(n)) for n in (10, 100))
    assert of_few.low < 0.4902 < 0.9433 < of_few.high, "of few products it is on the safe side"
    assert (of_many.low, of_many.high) == pytest.approx(
        compute_wilson_interval(0.8, 100), abs=0.003
    )
    middle = compute_median(np.arange(1, 101, dtype=float), np.arange(100))
    assert (middle.median, middle.low, middle.high) == (50.5, 40, 61)


def test_variants_of_a_product_add_no_certainty() -> None:
    flags, values = np.arange(20) < 16, np.arange(20, dtype=float)
    individual, five = np.arange(20), np.repeat(np.arange(20), 5)
    one, all_of_them = compute_share(flags, individual), compute_share(np.repeat(flags, 5), five)
    assert (all_of_them.low, all_of_them.high) == pytest.approx((one.low, one.high), abs=0.02)
    single, repeated = (
        compute_median(values, individual),
        compute_median(np.repeat(values, 5), five),
    )
    assert abs(repeated.low - single.low) <= 1
    assert abs(repeated.high - single.high) <= 1


def test_equally_near_products_rank_before_the_product_unless_identical(shelf: Catalogue) -> None:
    class Alike:
        """Three products, of which the first two have one vector."""

        count = 3
        row_type = np.float32
        rows = np.array([[1.0, 0], [1, 0], [0, 1]])

        def read(self, positions: Any) -> Any:
            return self.rows[positions]

        def compute_cross_cosines(self, rows: Any, others: Any) -> Any:
            return rows @ others.T

    queries = np.array([[1.0, 0], [1, 0], [1, 1], [0, 0], [0, 1]])
    scores, before = rank_originals(Alike(), queries, np.array([0, 1, 0, 2, 0]))  # type: ignore[arg-type]
    assert scores.tolist() == [1, 1, 1, 0, 0]
    # a query without a direction is as near to all: the other two stand before
    assert before.tolist() == [0, 0, 1, 2, 1]


def test_areas_by_hand() -> None:
    turn = PERTURBATIONS["turn"]
    assert list_amounts(turn) == [0, 10, 30, 90, 180]
    shares = np.array([1, 0.5, 0, 0, 0.2])
    assert compute_area_weights(turn) @ shares == pytest.approx((7.5 + 5 + 0 + 9) / 180)
    assert compute_area_weights(PERTURBATIONS["ground"]).tolist() == [0, 0.5, 0.5]
    for perturbation in PERTURBATIONS.values():
        assert compute_area_weights(perturbation).sum() == pytest.approx(1)


def curve(key: str, ranks: dict[int, int]) -> Curve:
    """That of 100 products, of which so many are found first at each amount."""
    shape = 100, len(QUERIES)
    before = np.zeros(shape, int)
    for amount, count in ranks.items():
        before[count:, QUERIES.index({key: amount})] = 1
    return compute_curves(np.ones(shape), before, NO_PAIRS, np.arange(100))[key]


def test_a_product_counts_as_lost_where_most_products_are() -> None:
    zoom = PERTURBATIONS["zoom"]
    assert find_losses(zoom, curve("zoom", {-50: 30, 100: 45})) == [-50], "45 of 100 may be half"
    assert find_losses(zoom, curve("zoom", {-50: 10, 100: 10})) == [-50, 100]
    assert find_losses(PERTURBATIONS["turn"], curve("turn", {30: 5, 90: 5})) == [30]
    assert find_losses(PERTURBATIONS["ground"], curve("ground", {2: 0, 4: 0})) == [2, 4]
    assert find_losses(PERTURBATIONS["turn"], curve("turn", {})) == []


def test_irrelevant_pictures_are_not_counted_and_too_few_give_no_curve() -> None:
    shape = 60, len(QUERIES)
    scores, before = np.ones(shape), np.zeros(shape, int)
    ground = [place for place, amounts in enumerate(QUERIES) if "ground" in amounts]
    scores[np.ix_(range(8), ground)] = np.nan
    curves = compute_curves(scores, before, NO_PAIRS, np.arange(60))
    assert (curves["ground"].n, curves["turn"].n) == (52, 60)
    assert curves["turn"].points[0].share_at_most is None, "there are no pairs"
    scores[np.ix_(range(11), ground)] = np.nan
    assert "ground" not in compute_curves(scores, before, NO_PAIRS, np.arange(60))


def test_too_few_products_are_not_measured(shop: Catalogue) -> None:
    assert not shop.generation.is_readable(PATH)
    with refusal("Build it: python -m precompute"):
        load_robustness(shop)


def test_unchanged_measures_are_reused(shelf: Catalogue, tiny: Fake, tmp_path: Path) -> None:
    before, source = shelf.generation.read(PATH), str(tmp_path / "shelf")
    tiny.batches.clear()
    assert main(["--catalogue", source, "--name", "shelf", "--methods", "pixels,tiny"]) == 0
    assert not tiny.batches
    assert open_catalogue("shelf").generation.read(PATH) == before
    assert main(["--catalogue", source, "--name", "shelf", "--methods", "wordy"]) == 0
    after = load_robustness(open_catalogue("shelf"))
    assert list(after.methods) == ["pixels", "tiny", "wordy"]
    assert not tiny.batches, "the other two are as they were"
    write_pictures(tmp_path / "shelf", 1, first=MIN_PRODUCTS)
    assert main(["--catalogue", source, "--name", "shelf", "--methods", "pixels,tiny,wordy"]) == 0
    assert load_robustness(open_catalogue("shelf")).products == MIN_PRODUCTS + 1
    assert sum(tiny.batches) > MIN_PRODUCTS * len(QUERIES)


def test_another_kind_of_index_updates_only_the_times(
    shelf: Catalogue, tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, costs = shelf.generation.read(PATH), load_metrics(shelf).costs
    measures = {p: shelf.generation.read(p) for p in (neighbours.PATH, maps.PATH)}
    tiny.batches.clear()
    monkeypatch.setattr("similarity.indexes.folder.EXACT_LIMIT", 1)
    arguments = ["--catalogue", str(tmp_path / "shelf"), "--name", "shelf"]
    assert main([*arguments, "--methods", "pixels,tiny"]) == 0
    after = open_catalogue("shelf")
    assert not tiny.batches
    assert after.generation.read(PATH) == before
    assert {path: after.generation.read(path) for path in measures} == measures
    metrics = load_metrics(after)
    assert metrics == replace(
        load_metrics(shelf), costs=metrics.costs, indexes=metrics.indexes, machine=metrics.machine
    )
    assert (costs["tiny"].kind, costs["tiny"].recall) == ("flat", None)
    assert metrics.costs["tiny"].kind == "approximate"
    assert metrics.costs["tiny"].recall
    assert metrics.costs["tiny"].rate == costs["tiny"].rate


def test_robustness_is_the_same_with_vectors_in_a_database(
    shelf: Catalogue, tmp_path: Path
) -> None:
    pytest.importorskip("pymilvus", reason="python3 -m install --scale")
    arguments = ["--catalogue", str(tmp_path / "shelf"), "--name", "theirs", "--methods", "tiny"]
    with open_lite(tmp_path / "database") as where:
        assert main([*arguments, "--index", "milvus", "--milvus-uri", where]) == 0
        remote = load_robustness(open_catalogue("theirs"))
    assert remote.methods["tiny"] == load_robustness(shelf).methods["tiny"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"format": 1}, "its format is 1, not 4"),
    ({"catalogue": "0"}, "with other products"),
    ({"perturbations": "0"}, "with other perturbations"),
    ({"methods": {"pixels": EMPTY | {"stamp": "old"}}}, "with another version of 'pixels'"),
    ({"methods": {"gone": EMPTY}}, "with another version of 'gone'"),
    ({"methods": {"pixels": EMPTY | {"curves": {"<b>": NO_CURVE}}}}, "amounts of '<b>'"),
    ({"methods": {"pixels": EMPTY | {"curves": {"turn": NO_CURVE}}}}, "amounts of 'turn'"),
    ({"methods": {"pixels": EMPTY | {"scenes": {"<b>": NO_SCENE}}}}, "unknown scene"),
    ({"methods": 3}, "damaged"),
    ({"sample": "<script>"}, "damaged"),
    ({"more": 1}, "damaged"),
]


def test_outdated_measures_are_refused_with_the_command_to_build_them(shelf: Catalogue) -> None:
    whole = json.loads(shelf.generation.read(PATH))
    for changes, reason in REFUSED:
        forge(shelf.folder, PATH, json.dumps(whole | changes).encode())
        with refusal(rf"{reason}.*Build it: python -m precompute"):
            load_robustness(open_catalogue("shelf"))


def test_stored_measures_are_read_back(shelf: Catalogue) -> None:
    robustness = load_robustness(shelf)
    assert from_json(to_json(robustness)) == robustness
    assert isinstance(robustness, Robustness)
    assert isinstance(robustness.methods["tiny"].curves["turn"].points[0], Point)
