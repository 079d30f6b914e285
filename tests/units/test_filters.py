"""Filters: against pandas, for every kind of index, and what is said of impossible ones."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precompute.__main__ import main
from similarity import Catalogue, SimilarityError, open_catalogue
from similarity.filters import (
    MAX_CONDITIONS,
    MISSING,
    Attributes,
    Clause,
    Condition,
    Selection,
    parse_numbers,
)
from similarity.hits import collect_hits
from similarity.indexes import Positions, VectorIndex, get_kind_folder, write_index
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.flat import FlatIndex
from similarity.indexes.folding import NEAR, Folding
from similarity.indexes.pixels import PixelIndex
from similarity.methods.pixels import METHOD as PIXELS
from tests.units.conftest import NO_PAIRS, Fake, sealed
from tests.units.drawing import draw, encode, write_pictures
from tests.units.refusals import refusal
from tests.units.test_approximate import COUNT, METHOD, blocks, make_vectors, opened, written
from tests.units.test_approximate import names as make_ids

COLOURS = ["red", "blue", "grey", MISSING]
PRICES = ["5", "12.50", "1e3", "-3", "on request", "nan", "inf", MISSING]
SIZES = [str(number) for number in range(30, 50)]
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def make_products(seed: int, count: int) -> pd.DataFrame:
    """Random values, of which each occurs."""
    rng = np.random.default_rng(seed)

    def draw_values(texts: Sequence[str]) -> np.ndarray:
        return rng.permutation([*texts, *rng.choice(texts, count - len(texts))])

    columns = {
        "colour": draw_values(COLOURS),
        "price": draw_values(PRICES),
        "size": draw_values(SIZES),
        "sku": [f"sku {n}" for n in range(count)],
    }
    return pd.DataFrame(columns, dtype="str")


def make_attributes(products: pd.DataFrame) -> Attributes:
    return Attributes(products, [str(name) for name in products])


ranges = st.tuples(st.floats(-10, 60), st.one_of(st.floats(0, 100), st.just(float("inf")))).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)


def conditions(texts: Sequence[str], with_ranges: bool) -> st.SearchStrategy[list[Condition]]:
    values: st.SearchStrategy[Condition] = st.sampled_from(texts)
    return st.lists(st.one_of(values, ranges) if with_ranges else values, min_size=1, max_size=4)


wheres = st.fixed_dictionaries(
    {},
    optional={
        "colour": conditions(COLOURS, False),
        "price": conditions(PRICES, True),
        "size": conditions(SIZES, True),
    },
)


def match_by_pandas(products: pd.DataFrame, where: Mapping[str, Sequence[Condition]]) -> np.ndarray:
    """The plain computation, product by product."""
    mask = pd.Series(True, products.index)
    for name, listed in where.items():
        column = products[name]
        is_met = column.isin([c for c in listed if isinstance(c, str)])
        numbers = pd.to_numeric(column, errors="coerce")
        numbers = numbers[np.isfinite(numbers)]
        for low, high in (c for c in listed if not isinstance(c, str)):
            is_met |= numbers.between(low, high).reindex(column.index, fill_value=False)
        mask &= is_met
    return mask.to_numpy()


@given(st.integers(0, 99), wheres)
@settings(max_examples=80, deadline=None)
def test_a_filter_leaves_what_pandas_leaves_and_counts_as_pandas(
    seed: int, where: dict[str, list[Condition]]
) -> None:
    products = make_products(seed, 150)
    attributes = make_attributes(products)
    mask = attributes.match(attributes.make_filter(where))
    np.testing.assert_array_equal(mask, match_by_pandas(products, where))
    for name in ("colour", "price"):
        values = attributes.get_values(name)
        counted = dict(zip(values.texts, values.count(mask).tolist(), strict=True))
        expected = products[name][mask].value_counts().to_dict()
        assert {text: n for text, n in counted.items() if n} == expected


def test_an_attribute_is_numeric_if_nine_tenths_of_its_values_are_numbers() -> None:
    prices = ["1", "2.5", "3", "4", "5", "6", "7", "8", "9"]
    texts = {"mostly": [*prices, "on request"], "partly": [*prices[:8], "a", "b"]}
    attributes = make_attributes(pd.DataFrame(texts | {"none": [MISSING] * 10}, dtype="str"))
    assert attributes.get_values("mostly").is_numeric
    assert not attributes.get_values("partly").is_numeric
    assert not attributes.get_values("none").is_numeric
    np.testing.assert_array_equal(
        parse_numbers(["1", " 2 ", "1e2", "inf", "nan", "0x1", "", "1,5"]),
        [1, 2, 100, np.nan, np.nan, np.nan, np.nan, np.nan],
    )


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"color": "red"}, "has no attribute 'color'. Did you mean 'colour'?"),
        ({"zzz": "red"}, "Choose one of 'colour', 'price', 'size', 'sku'."),
        ({"colour": "rde"}, "has no colour 'rde'. Did you mean 'red'?"),
        ({"colour": []}, "has no condition"),
        ({"colour": (0, 1)}, "has no numbers"),
        ({"price": (5, 1)}, "lowest number first"),
        ({"price": (float("nan"), 1)}, "lowest number first"),
        ({"price": [5]}, "name values as texts"),
        ({"price": [None]}, "name values as texts"),
        ({"sku": [f"sku {n}" for n in range(MAX_CONDITIONS + 1)]}, "conditions. Remove some"),
    ],
)
def test_an_impossible_filter_is_refused_with_a_remedy(
    where: dict[str, list[Condition]], message: str
) -> None:
    with refusal(message):
        make_attributes(make_products(0, 150)).make_filter(where)


def test_a_hundred_thousand_values_are_filtered_like_few() -> None:
    count = 100_000
    products = pd.DataFrame({"sku": [f"sku {n}" for n in range(count)]}, dtype="str")
    attributes = make_attributes(products)
    selection = attributes.select(attributes.make_filter({"sku": ["sku 7", "sku 99999"]}))
    assert selection is not None
    assert selection.positions.tolist() == [7, 99_999]
    assert selection is attributes.select(attributes.make_filter({"sku": ["sku 7", "sku 99999"]}))


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return make_vectors(COUNT)


@pytest.fixture(scope="module", params=["flat", "approximate", "pixels"])
def index(
    request: pytest.FixtureRequest, vectors: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> VectorIndex:
    folder = tmp_path_factory.mktemp(request.param) / "made"
    if request.param == "approximate":
        return opened(written(folder, vectors, make_ids(vectors)), make_ids(vectors))
    if request.param == "flat":
        ids = make_ids(vectors)

        def write(place: Path) -> None:
            write_index(place, METHOD, ids, blocks(vectors), NO_PAIRS)

        sealed(folder, get_kind_folder(METHOD, "flat"), write)
        return opened(folder, ids, "flat")
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 256, (60, PIXELS.dim), np.uint8)
    rows[3:6], rows[6] = rows[0], 0

    def write_pixels(place: Path) -> None:
        place.mkdir()
        PixelIndex.write(place, PIXELS.dim, len(rows), [rows])

    files = sealed(folder, "index", write_pixels).folder_files("index")
    return PixelIndex.open(files, PIXELS.dim, len(rows))


def rank_by_brute_force(
    index: VectorIndex, row: np.ndarray, k: int, leave_out: int, mask: np.ndarray
) -> tuple[Positions, np.ndarray]:
    positions = np.flatnonzero(mask & (np.arange(index.count) != leave_out))
    scores = index.compute_cross_cosines(row[None], index.read(positions))[0]
    order = np.argsort(-scores, kind="stable")[:k]
    return positions[order], scores[order]


@given(st.integers(0, 999), wheres, st.integers(1, 40))
@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
def test_every_kind_of_index_finds_the_nearest_among_what_a_filter_leaves(
    index: VectorIndex, seed: int, where: dict[str, list[Condition]], k: int
) -> None:
    attributes = make_attributes(make_products(seed, index.count))
    among = attributes.select(attributes.make_filter(where))
    mask = np.ones(index.count, bool) if among is None else among.mask
    position = seed % index.count
    row = index.read_row(position)
    expected, scores = rank_by_brute_force(index, row, k, position, mask)
    for search in (index.search, index.search_exactly):
        positions, cosines = search(row, k, position, among)
        assert len(positions) == len(expected)  # k stay k
        assert mask[positions].all()
        assert position not in positions
        np.testing.assert_array_equal(positions, positions[np.lexsort((positions, -cosines))])
        if index.exact or search == index.search_exactly:
            np.testing.assert_allclose(cosines, scores, atol=1e-6)
            if len(scores):  # those that are tied with the last may be others
                first: Positions = np.flatnonzero(~np.isclose(scores, scores[-1], atol=1e-6))
                assert set(positions[first]) == set(expected[first])


@pytest.mark.parametrize("share", [0.5, 0.25])
@pytest.mark.parametrize("is_cluster", [False, True])
def test_the_approximate_index_finds_its_share_among_what_a_filter_leaves(
    vectors: np.ndarray, tmp_path: Path, share: float, is_cluster: bool
) -> None:
    ids = make_ids(vectors)
    index: ApproximateIndex = opened(written(tmp_path / "made", vectors, ids), ids)
    rng = np.random.default_rng(1)
    shares = []
    for position in rng.permutation(COUNT)[:60].tolist():
        mask = rng.random(COUNT) < share
        if is_cluster:
            cosines = vectors @ vectors[rng.integers(COUNT)]
            mask = cosines >= np.quantile(cosines, 1 - share)
        among = Selection((), np.flatnonzero(mask), mask)
        assert not index.compares_all(among)
        row = index.read_row(position)
        _, scores = rank_by_brute_force(index, row, 10, position, mask)
        shares.append(np.mean(index.search(row, 10, position, among)[1] >= scores[-1] - 1e-6))
    assert np.mean(shares) >= 0.98


def test_few_products_are_all_compared_by_the_approximate_index(
    vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = make_ids(vectors)
    index: ApproximateIndex = opened(written(tmp_path / "made", vectors, ids), ids)
    monkeypatch.setattr(index, "candidates", None)
    mask = np.zeros(COUNT, bool)
    mask[::100] = True
    among = Selection((), np.flatnonzero(mask), mask)
    assert index.compares_all(among)
    positions, _ = index.search(index.read_row(5), 10, 5, among)
    expected, _ = rank_by_brute_force(index, index.read_row(5), 10, 5, mask)
    assert positions.tolist() == expected.tolist()


def test_near_duplicates_by_every_index_and_products_of_a_group_share_a_result() -> None:
    rows = np.eye(6, dtype=np.float32)
    rows[1], rows[2] = rows[0], rows[0]
    others = rows.copy()
    others[2] = [0, 0, 1, 0, 0, 0]  # near to the first by one method only

    class Stored(FlatIndex):
        def __init__(self, stored: np.ndarray) -> None:
            self.stored = stored

        def read(self, positions: Positions) -> np.ndarray:
            return self.stored[positions]

    positions = np.array([4, 0, 1, 2, 3, 5])
    folding = Folding([Stored(rows), Stored(others)])
    assert folding.fold(positions).tolist() == [0, 1, 1, 3, 4, 5]
    products = pd.DataFrame({"model": ["a", "a", "b", MISSING, "b", MISSING]}, dtype="str")
    groups = make_attributes(products).get_values("model")
    assert Folding((), groups).fold(positions).tolist() == [0, 1, 1, 0, 4, 5]
    assert Folding(folding.indexes, groups).fold(positions).tolist() == [0, 1, 1, 0, 4, 5]


def test_a_catalogue_searches_among_the_products_that_conditions_leave(shop: Catalogue) -> None:
    ids = shop.products.index.tolist()
    path = shop.products["path"]
    assert shop.attributes.names == ["category"]
    with refusal("has no attribute 'price'"):
        shop.search("tiny", product=ids[0], where={"price": (0, 50)})
    assert len(shop.search("tiny", product=ids[0], where={"category": [MISSING]}, k=12)) == 12
    assert path.nunique() == len(ids)


@pytest.fixture
def labelled(
    tiny: Fake, fake: Callable[..., Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Catalogue:
    """Pictures in four colours, each with two near-duplicates, and three without a colour."""
    fake("other")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    folder = write_pictures(tmp_path / "shop", 15)
    lines = ["path,colour"]
    for number in range(15):
        colour = ["red", "blue", "grey", "black", ""][number % 5]
        for copy in range(3):
            name = f"{number:03}-{copy}.png"
            picture = draw(number).point(lambda value, copy=copy: max(value - copy, 0))
            (folder / name).write_bytes(encode(picture))
            lines.append(f"{name},{colour}")
        (folder / f"{number:03}.png").unlink()
    (folder / "metadata.csv").write_text("\n".join(lines))
    assert main(["--catalogue", str(folder), "--methods", "pixels,tiny,other"]) == 0
    return open_catalogue("shop")


def test_results_differ_from_the_query_and_say_what_they_stand_for(labelled: Catalogue) -> None:
    products = labelled.products
    product = str(products.index[0])
    colour = products.colour[product]
    hits = labelled.search("tiny", product=product, unlike=["colour"], k=5)
    assert {products.colour[hit.product] for hit in hits}.isdisjoint({colour})
    hits = labelled.search("tiny", product=product, one_per="colour", k=len(products))
    colours = [products.colour[hit.product] for hit in hits]
    texts = [text for text in colours if text]
    assert len(texts) == len(set(texts))
    assert colour not in colours
    for hit in hits:
        assert {products.colour[other] for other in hit.folded} <= {products.colour[hit.product]}
    everything = labelled.search("tiny", product=product, k=len(products))
    left = [hit.product for hit in everything if products.colour[hit.product] != colour]
    listed = [other for hit in hits for other in (hit.product, *hit.folded)]
    assert sorted(listed) == sorted(left)
    with pytest.raises(SimilarityError, match="no attribute 'x'"):
        labelled.search("tiny", product=product, one_per="x")


def test_near_duplicates_are_folded_and_k_results_stay_k(labelled: Catalogue) -> None:
    product = str(labelled.products.index[0])
    plain = labelled.search("tiny", product=product, k=len(labelled.products))
    hits = labelled.search("tiny", product=product, fold_duplicates=True, k=3)
    assert len(hits) == 3
    assert hits[0].product == plain[0].product
    assert any(hit.folded for hit in hits)
    rows = {
        key: {
            i: labelled.read_row(labelled.resolve_method(key), i) for i in labelled.products.index
        }
        for key in labelled.methods
    }
    for hit in hits:
        for other in hit.folded:
            for key, by_product in rows.items():
                kind = labelled.open_index(labelled.resolve_method(key))
                pair = by_product[hit.product][None], by_product[other][None]
                assert kind.compute_cosines(*pair)[0] >= NEAR


def test_a_value_is_looked_for_behind_any_number_of_results_of_another() -> None:
    models = pd.DataFrame({"model": ["a"] * 3000 + ["b"] * 1990 + ["c"] * 10}, dtype="str")
    folding = Folding((), make_attributes(models).get_values("model"))
    ids = [f"{number}" for number in range(len(models))]

    def search(count: int) -> tuple[Positions, np.ndarray]:
        return np.arange(len(models))[:count], np.linspace(1, 0, len(models))[:count]

    hits = collect_hits(search, ids, 5, folding)
    assert [hit.product for hit in hits] == ["0", "3000", "4990"]
    assert [len(hit.folded) for hit in hits] == [2999, 1989, 9]
    assert [hit.rank for hit in hits] == [1, 2, 3]


def test_a_clause_can_be_negated() -> None:
    attributes = make_attributes(make_products(0, 100))
    mask = attributes.match((Clause("colour", ("red",), is_negated=True),))
    values = attributes.get_values("colour")
    assert {values.texts[code] for code in values.codes[mask]} == {"blue", "grey", MISSING}
