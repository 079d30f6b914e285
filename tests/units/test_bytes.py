"""Inner products of bytes are exact, whichever way they are computed."""

import sys
from typing import Any

import numpy as np
import pytest
import torch  # noqa: F401 - that it is loaded is what one way needs

from similarity.indexes import bytes as exact

DIM = 150_528


@pytest.mark.parametrize("loaded", [True, False], ids=["with torch", "without"])
def test_exact_inner_products_are_whole_numbers(
    loaded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not loaded:
        monkeypatch.delitem(sys.modules, "torch")
    rng = np.random.default_rng(0)
    rows: Any = rng.integers(0, 256, (7, DIM), np.uint8)
    rows[0], rows[1], rows[2] = 0, 255, 128
    others = np.concatenate([rows[:3], rng.integers(0, 256, (5, DIM), np.uint8)])
    expected = rows.astype(np.int64) @ others.astype(np.int64).T
    np.testing.assert_array_equal(exact.compute_cross_products(rows, others), expected)
    np.testing.assert_array_equal(exact.compute_inner_products(rows, others[1]), expected[:, 1])
    np.testing.assert_array_equal(
        exact.compute_inner_products(others, others), (others.astype(np.int64) ** 2).sum(1)
    )
