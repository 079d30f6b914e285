"""The published weights themselves: some 7 GB, which only a machine with a network can get.

Those of `dinov3` are given to who accepted their licence: `python -m precompute fetch dinov3` says
how.
"""

import os

import numpy as np
import pytest

from precompute.__main__ import main
from similarity import METHODS
from similarity.embedding import embed_pictures, embed_texts
from similarity.methods import bind_available_weights
from tests.units.drawing import draw

pytestmark = pytest.mark.skipif(
    "SIMILARITY_FETCH" not in os.environ,
    reason="it downloads 7 GB: set SIMILARITY_FETCH=1 on a machine with a network",
)


@pytest.mark.parametrize("key", [key for key, method in METHODS.items() if method.published])
def test_published_weights_are_fetched_verified_and_usable(key: str) -> None:
    assert main(["fetch", key]) == 0
    other = METHODS[key].pictures_by
    method = bind_available_weights(
        METHODS[key], pictures_by=bind_available_weights(other) if other else None
    )
    vectors = embed_pictures(method, [draw(seed, (224, 224)) for seed in range(4)])
    assert vectors.shape == (4, method.dim)
    assert np.isfinite(vectors).all()
    if method.answers_text:
        words = embed_texts(method, ["a red dress", "a dress that is red", "a steam engine"])
        words /= np.linalg.norm(words, axis=1, keepdims=True)
        assert words[0] @ words[1] > words[0] @ words[2]
