"""What methods that read words have in common, whatever the library that reads them."""

from collections.abc import Callable, Collection, Sequence

import numpy as np

from similarity.errors import SimilarityError
from similarity.methods.base import Vectors

Encode = Callable[[Sequence[str]], Vectors]

AT_ONCE = 16


def in_batches(encode: Encode) -> Encode:
    """The same for any number of texts: some at a time, since each needs megabytes."""

    def texts(given: Sequence[str]) -> Vectors:
        starts = range(0, len(given), AT_ONCE)
        return np.concatenate([encode(given[start : start + AT_ONCE]) for start in starts])

    return texts


def check_readable(tokens: Sequence[Sequence[int]], silent: Collection[int]) -> None:
    """Raises SimilarityError for a text of whose tokens none says anything."""
    if any(set(text) <= set(silent) for text in tokens):
        raise SimilarityError(
            "This method can't read these words: its vocabulary has none of their signs."
        )
