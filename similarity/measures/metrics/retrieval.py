"""Figures of retrieval, query by query, from which of its answer's products are relevant.

A product is relevant if it has the query's label, which is a proxy of similarity. Answers are
ranked as they are shown: equal scores stand in the catalogue's order.
"""

import numpy as np
import numpy.typing as npt

from similarity.indexes import Positions
from similarity.statistics.intervals import Values

AT = 10  # the k of precision, recall and nDCG
DEPTH = 1000  # of a ranking, at most: R of MAP@R is no larger
FIRST = "P@1"
METRICS = (FIRST, f"P@{AT}", f"recall@{AT}", "MAP@R", f"nDCG@{AT}")
OF_TEXTS = ("hit@1", f"hit@{AT}", "MRR")

Flags = npt.NDArray[np.bool_]


def figures(hits: Flags, relevant: Positions) -> Values:
    """Each of METRICS for each query: (n, 5).

    `hits` (n, depth) says which of the first products are relevant, best first, and `relevant`
    (n,) how many there are in the gallery, one at least. Where R is larger than the depth, MAP@R
    is that of the depth.

    P@k is the share of the first k that is relevant, recall@k the share of the relevant that is in
    the first k. MAP@R (Musgrave, Belongie and Lim 2020, arXiv:2003.08505) is 1/R times the sum of
    P@i over those i up to R at which a relevant one stands. nDCG@k (Järvelin and Kekäläinen 2002)
    is the sum of 1 / log2(i + 1) over the relevant in the first k, divided by the largest possible.
    """
    depth = hits.shape[1]
    k = min(AT, depth)
    top = hits[:, :k]
    places = np.arange(1, depth + 1)
    precision = hits.cumsum(1) / places
    within = places <= relevant[:, None]
    r = np.minimum(relevant, depth)
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = discount.cumsum()[np.minimum(relevant, k) - 1]
    return np.stack(
        [
            hits[:, 0].astype(np.float64),
            top.mean(1),
            top.sum(1) / relevant,
            (precision * (hits & within)).sum(1) / r,
            top @ discount / ideal,
        ],
        1,
    )


def text_figures(hits: Flags) -> Values:
    """Each of OF_TEXTS for each query, from which of the first products are relevant: (n, 3).

    hit@k, which papers on texts and pictures call R@k, says whether a relevant one is among the
    first k; MRR is the mean of one over the first's rank (Voorhees 1999), 0 beyond the depth.
    """
    first = np.where(hits.any(1), hits.argmax(1) + 1, 0)
    found = first > 0
    return np.stack(
        [found & (first <= 1), found & (first <= AT), found / np.maximum(first, 1)], 1
    ).astype(np.float64)


def without(hits: Flags, gone: Flags) -> Flags:
    """Hits (n, depth) from which some products are taken away, the others moving up."""
    kept = ~gone
    rows, columns = (hits & kept).nonzero()
    moved = np.zeros_like(hits)
    moved[rows, kept.cumsum(1, dtype=np.int32)[rows, columns] - 1] = True
    return moved
