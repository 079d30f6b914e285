"""Whether words help a picture: the queries that a build draws, and their figures."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precompute.__main__ import main
from similarity import Catalogue, Part, open_catalogue
from similarity.measures.metrics import combined
from similarity.measures.metrics.combined import SHARES, compute_share, draw_changes
from similarity.measures.metrics.schema import (
    Combined,
    Figure,
    Gain,
    Table,
    from_json,
    load_metrics,
    to_json,
)
from similarity.measures.metrics.tables import number_labels
from similarity.ui.measure.combined import describe_combined
from tests.units.conftest import Fake
from tests.units.drawing import write_pictures

COUNT = 48


def make_products(seed: int, count: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = {"category": ["hat", "shoe", ""], "colour": ["red", "blue", "grey"], "size": ["s", ""]}
    return pd.DataFrame({name: rng.choice(texts, count) for name, texts in values.items()})


def number(products: pd.DataFrame) -> dict[str, np.ndarray]:
    return {name: pd.factorize(t.where(t != "", None))[0] for name, t in products.items()}


@pytest.mark.parametrize("seed", range(5))
def test_a_right_result_differs_from_the_product_in_the_one_value_that_the_words_name(
    seed: int,
) -> None:
    products = make_products(seed, 60)
    changes = draw_changes(products, number(products))
    assert changes
    assert len({change.product for change in changes}) == len(changes)
    for change in changes:
        query = products.iloc[change.product]
        (name,) = [n for n in products if change.words in set(products[n]) and change.words]
        assert query[name] not in ("", change.words)
        expected = products[name] == change.words
        for other in set(products) - {name}:
            expected &= products[other] == query[other]
        assert sorted(change.relevant) == list(np.flatnonzero(expected))
        assert len(change.relevant)
    can_change = [
        bool(
            [
                n
                for n in products
                if row[n]
                and (
                    (products.drop(columns=n) == row.drop(n)).all(axis=1)
                    & ~products[n].isin(["", row[n]])
                ).any()
            ]
        )
        for _, row in products.iterrows()
    ]
    assert {change.product for change in changes} == set(np.flatnonzero(can_change))


def test_no_more_than_three_hundred_are_drawn_always_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(combined, "MAX_CHANGES", 20)
    products = make_products(0, 200)
    first, second = (draw_changes(products, number(products)) for _ in range(2))
    assert len(first) == 20
    assert [(c.product, c.words) for c in first] == [(c.product, c.words) for c in second]


def test_the_figure_is_the_share_of_right_results_among_as_many_as_there_are() -> None:
    hits = np.zeros((4, 40), bool)
    hits[0, [0, 9, 10]] = hits[1, 1] = hits[2, :15] = True
    figures = compute_share(hits, np.array([4, 1, 15, 2]))
    np.testing.assert_allclose(figures[:, 0], [2 / 4, 1, 1, 0])


@pytest.fixture
def described(
    tiny: Fake, fake: Callable[..., Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Catalogue:
    """A catalogue with two attributes, and a method that reads words."""
    fake("wordy", texts=True)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    folder = write_pictures(tmp_path / "shop", COUNT)
    products = make_products(1, COUNT)[["category", "colour"]]
    products.insert(0, "path", [f"{n:03}.png" for n in range(COUNT)])
    products.to_csv(folder / "metadata.csv", index=False)
    assert main(["--catalogue", str(folder), "--methods", "tiny,wordy"]) == 0
    return open_catalogue("shop")


def test_figures_are_those_of_what_searches_find(described: Catalogue) -> None:
    metrics = load_metrics(described)
    assert metrics.combined
    assert metrics.combined.attributes == ["category", "colour"]
    assert list(metrics.combined.table.figures) == ["wordy"], "the other reads no words"
    assert from_json(to_json(metrics)) == metrics
    products = described.products
    labels = {name: codes for name, (codes, _) in number_labels(products).items()}
    changes = draw_changes(products, labels)
    assert metrics.combined.table.n == len(changes)
    means = {}
    for share in SHARES:
        shares = []
        for change in changes:
            product = products.index[change.product]
            parts = [
                Part("product", product, 1 - share / 100),
                Part("text", change.words, share / 100),
            ]
            hits = described.search("wordy", parts=parts, k=10)
            right = {hit.product for hit in hits} & set(products.index[change.relevant])
            shares.append(len(right) / min(10, len(change.relevant)))
        means[share] = np.mean(shares)
        figure = metrics.combined.table.figures["wordy"][str(share)]
        assert figure.mean == pytest.approx(means[share])
        assert figure.low <= figure.mean <= figure.high
    for than in (0, 100):
        gain = metrics.combined.get_gain("wordy", str(than))
        assert gain.estimate.mean == pytest.approx(means[50] - means[than])


def test_a_catalogue_with_one_attribute_is_not_measured(
    described: Catalogue, tmp_path: Path
) -> None:
    file = tmp_path / "shop" / "metadata.csv"
    pd.read_csv(file, keep_default_na=False).drop(columns="colour").to_csv(file, index=False)
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "tiny,wordy"]) == 0
    metrics = load_metrics(open_catalogue("shop"))
    assert metrics.attributes
    assert metrics.combined is None


def plant(**figures: tuple[float, float, float, bool]) -> Combined:
    """What methods reach by the picture, with both, and by words; and whether that differs."""
    table = Table(
        99,
        None,
        {
            key: {str(s): Figure(m, m, m) for s, m in zip((0, 50, 100), means[:3], strict=True)}
            for key, means in figures.items()
        },
        [],
    )
    gains = [
        Gain(key, than, Figure(even - end, 0, 1), 0.01 if is_different else 0.2)
        for key, (picture, even, words, is_different) in figures.items()
        for than, end in (("0", picture), ("100", words))
    ]
    return Combined(["category", "colour"], table, gains)


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        (
            {"a": (0.1, 0.6, 0.2, True), "b": (0.1, 0.3, 0.2, True)},
            "Adding words to a picture helps Alpha: 60 % right with both, 10 % by the picture and "
            "20 % by the words alone; it also helps Beta",
        ),
        (
            {"a": (0.1, 0.2, 0.1, False), "b": (0.1, 0.3, 0.2, True)},
            "Adding words to a picture helps Beta: 30 % right with both, 10 % by the picture and "
            "20 % by the words alone; that is not shown for Alpha",
        ),
        (
            {"a": (0.5, 0.4, 0.1, True), "b": (0.1, 0.2, 0.1, False)},
            "Adding words to a picture is not shown to help Alpha or Beta: 40 % right with both, "
            "50 % by the picture and 10 % by the words alone",
        ),
    ],
)
def test_the_conclusion_claims_no_more_than_the_tests(
    figures: dict[str, tuple[float, float, float, bool]], sentence: str
) -> None:
    assert describe_combined(plant(**figures), {"a": "Alpha", "b": "Beta"}) == sentence
