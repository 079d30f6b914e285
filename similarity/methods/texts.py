"""What text methods share, whatever library reads the texts."""

from collections.abc import Callable, Collection, Sequence

import numpy as np

from similarity.errors import SimilarityError
from similarity.methods.base import Vectors

Encode = Callable[[Sequence[str]], Vectors]

BATCH_SIZE = 16


def encode_in_batches(encode: Encode) -> Encode:
    """Wrap an encoder so that it takes any number of texts, in batches to limit memory."""

    def encode_all(all_texts: Sequence[str]) -> Vectors:
        starts = range(0, len(all_texts), BATCH_SIZE)
        return np.concatenate([encode(all_texts[start : start + BATCH_SIZE]) for start in starts])

    return encode_all


def check_readable(tokens: Sequence[Sequence[int]], empty_tokens: Collection[int]) -> None:
    """Raise SimilarityError for a text whose tokens carry no meaning."""
    if any(set(text) <= set(empty_tokens) for text in tokens):
        raise SimilarityError(
            "This method can't read this text: its vocabulary has none of the characters."
        )
