"""Results of a search: products with ranks, and what each of them stands for."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from similarity.indexes import Positions, Scores, rank_scores
from similarity.indexes.folding import Folding


class Hit(NamedTuple):
    """One search result: a product's id, its cosine with the query, and its rank.

    Ranks count from 1. Products with equal scores share the rank of the first of them; `tied` marks
    them, even if only one of them is among the k results. `folded` are products further down that
    share this result.
    """

    rank: int
    product: str
    score: float
    tied: bool = False
    folded: tuple[str, ...] = ()


def collect_hits(
    search: Callable[[int], tuple[Positions, Scores]],
    ids: Sequence[str],
    k: int,
    folding: Folding | None = None,
) -> list[Hit]:
    """Return the first k results of a search, some of which others are folded into.

    `search` takes a number of results and returns positions in `ids` and scores, fewer only if
    there are fewer.
    """
    count = k + 1  # one more than requested, to see whether the last one is tied with the next
    while True:
        positions, scores = search(count)
        numbers = np.arange(len(positions))
        firsts = folding.fold(positions) if folding else numbers
        places = np.flatnonzero(firsts == numbers)
        if len(places) > k or len(positions) < count:
            break
        count *= 2
    end = int(places[k]) if len(places) > k else len(positions)
    folded: dict[int, list[str]] = {}
    for number in np.flatnonzero(firsts[:end] != numbers[:end]).tolist():
        folded.setdefault(int(firsts[number]), []).append(ids[positions[number]])
    ranks, tied = rank_scores(scores[places[: k + 1]])
    return [
        Hit(rank, ids[positions[i]], float(scores[i]), shared, tuple(folded.get(i, ())))
        for i, rank, shared in zip(places[:k].tolist(), ranks.tolist(), tied.tolist(), strict=False)
    ]
