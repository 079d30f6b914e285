"""Exact search over vectors in memory: the same answer as a plain computation, ties in order."""

from pathlib import Path

import numpy as np
import pytest

from similarity.indexes import normalise, select_best
from similarity.indexes.flat import FlatIndex
from tests.units.conftest import sealed

DIM = 64


def built(folder: Path, vectors: np.ndarray, block: int = 50) -> FlatIndex:
    rows = FlatIndex.to_rows(vectors.astype(np.float32))
    blocks = (rows[i : i + block] for i in range(0, len(rows), block))
    dim = vectors.shape[1]

    def write(place: Path) -> None:
        place.mkdir()
        FlatIndex.write(place, dim, len(rows), blocks)

    return FlatIndex.open(sealed(folder, "index", write).folder_files("index"), dim, len(rows))


def plain(vectors: np.ndarray, query: np.ndarray, k: int) -> np.ndarray:
    """Positions of the k highest cosines, equal ones in order."""
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    scores = np.divide(vectors @ query, lengths, np.zeros(len(vectors)), where=lengths > 0)
    return np.argsort(-scores, kind="stable")[:k]


def test_vectors_are_normalised_and_a_zero_vector_stays_zero() -> None:
    rows = np.array([[3, 4], [0, 0], [-1e-15, 0], [1e18, 1e18]], np.float32)
    unit_rows = normalise(rows)
    assert unit_rows.dtype == np.float32
    np.testing.assert_allclose(unit_rows[0], [0.6, 0.8], rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(unit_rows, axis=1), [1, 0, 1, 1], rtol=1e-6)


def test_a_search_equals_a_plain_computation(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(600, DIM)) + 3 * rng.normal(size=(20, DIM))[rng.integers(0, 20, 600)]
    index = built(tmp_path, vectors * rng.uniform(0.1, 10, (600, 1)))
    for position in range(0, 600, 10):
        positions, scores = index.search(index.read_row(position), 10)
        assert list(positions) == list(plain(vectors, vectors[position], 10))
        assert positions[0] == position
        assert scores[0] == pytest.approx(1, abs=1e-6)
        assert (np.diff(scores) <= 0).all()


@pytest.mark.parametrize("copies", [5, 45, 300])
def test_equal_scores_stand_in_catalogue_order_however_many(tmp_path: Path, copies: int) -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(400, DIM))
    vectors[rng.permutation(400)[:copies]] = vectors[0]
    vectors[0] += rng.normal(size=DIM) / 10
    index = built(tmp_path, vectors)
    for k in (1, 4, 10):
        positions, _ = index.search(index.read_row(0), k)
        assert list(positions) == list(plain(vectors, vectors[0], k))


@pytest.mark.parametrize("k", [4, 10, 40, 120])
def test_better_products_that_come_late_do_not_push_out_the_first_of_many_equal_ones(
    tmp_path: Path, k: int
) -> None:
    vectors = np.zeros((400, DIM))
    vectors[:, :2] = 1, 2
    vectors[-3:, 0] = 3, 4, 5
    positions, _ = built(tmp_path, vectors).search(np.eye(DIM)[0], k)
    assert list(positions) == [399, 398, 397, *range(k - 3)]


def test_the_left_out_product_is_not_a_result(tmp_path: Path) -> None:
    vectors = np.random.default_rng(2).normal(size=(30, DIM))
    index = built(tmp_path, vectors)
    positions, _ = index.search(index.read_row(7), 10, leave_out=7)
    assert 7 not in positions
    assert list(positions) == list(plain(vectors, vectors[7], 11)[1:])


@pytest.mark.parametrize(("k", "leave_out", "expected"), [(30, -1, 30), (31, -1, 30), (30, 4, 29)])
def test_k_above_the_number_of_products_returns_all(
    tmp_path: Path, k: int, leave_out: int, expected: int
) -> None:
    index = built(tmp_path, np.random.default_rng(3).normal(size=(30, DIM)))
    positions, scores = index.search(index.read_row(4), k, leave_out)
    assert len(positions) == len(scores) == len(set(positions)) == expected
    assert positions.min() >= 0


def test_one_product_alone_has_no_neighbours(tmp_path: Path) -> None:
    index = built(tmp_path, np.ones((1, DIM)))
    assert list(index.search(index.read_row(0), 5)[0]) == [0]
    assert list(index.search(index.read_row(0), 5, leave_out=0)[0]) == []


def test_best_sorts_by_score_then_by_position() -> None:
    positions, scores = select_best(np.array([0.5, 0.9, 0.5, 0.9]), np.array([3, 8, 1, 2]), 3)
    assert list(positions) == [2, 8, 1]
    assert list(scores) == [0.9, 0.9, 0.5]
