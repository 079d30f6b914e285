"""The measurements that the Learn page shows of how searches grow, and the command behind them."""

import numpy as np
import pytest

from benchmarks import scale
from similarity.indexes import normalise
from similarity.ui.learn.scale import METHOD_LABELS, compute_speedups, describe_times, load_figures


@pytest.fixture
def vectors() -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((6, 700))
    real = centres[rng.integers(6, size=600)] + 0.3 * rng.standard_normal((600, 700))
    return scale.multiply_vectors(real.astype(np.float32), 2100, rng)


def test_stored_figures_have_every_way_and_size_with_machine_and_command() -> None:
    figures = load_figures()
    rows = figures["rows"]
    assert [(r["products"], r["way"]) for r in rows] == [
        (size, way) for size in scale.SIZES for way in ("flat", "ivf", "notebook")
    ]
    assert set(METHOD_LABELS) == {row["way"] for row in rows}
    for row in rows:
        assert 0 < row["median_ms"] <= row["p95_ms"]
        assert row["queries"] >= row["recall_queries"] >= 3
        low, high = row["recall_interval"]
        assert 0 <= low <= row["recall_at_10"] <= high <= 1
        assert row["recall_at_10"] == 1 if row["way"] != "ivf" else row["recall_at_10"] > 0.9
    assert figures["command"].startswith("python -m benchmarks.scale")
    assert figures["machine"]
    low, high = compute_speedups(rows)
    assert 1 < low < high
    assert f"{scale.SIZES[-1]:,}" in describe_times(rows)


def test_multiplied_vectors_are_new_unit_vectors_that_lie_near_each_other(
    vectors: np.ndarray,
) -> None:
    assert vectors.shape == (2100, scale.DIM)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert len(np.unique(vectors, axis=0)) == len(vectors)
    near = np.sort(vectors[:100] @ vectors.T, axis=1)[:, -2]
    rng = np.random.default_rng(1)
    noise = normalise(rng.standard_normal(vectors.shape).astype(np.float32))
    assert near.mean() > 2 * np.sort(noise[:100] @ noise.T, axis=1)[:, -2].mean()


def test_all_three_ways_are_timed_and_the_exact_ones_agree(vectors: np.ndarray) -> None:
    rows = scale.measure_ways(vectors[100:], vectors[:20])
    assert {row["way"] for row in rows} == set(METHOD_LABELS)
    recall = {row["way"]: row["recall_at_10"] for row in rows}
    assert recall["flat"] == recall["notebook"] == 1
    assert 0.5 < recall["ivf"] <= 1
    assert all(row["products"] == 2000 and row["median_ms"] > 0 for row in rows)
