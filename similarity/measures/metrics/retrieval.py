"""Retrieval metrics per query, computed from which results are relevant.

A result is relevant if it has the query's label, which is a proxy for similarity. Results are
ranked as displayed: equal scores keep catalogue order.
"""

import numpy as np
import numpy.typing as npt

from similarity.indexes import Positions
from similarity.statistics.intervals import Values

CUTOFF = 10  # the k of precision, recall and nDCG
MAX_DEPTH = 1000  # of a ranking; limits the R of MAP@R
P_AT_1 = "P@1"
METRICS = (P_AT_1, f"P@{CUTOFF}", f"recall@{CUTOFF}", "MAP@R", f"nDCG@{CUTOFF}")
# P@1 is near 1 for several methods where neighbours are easy, and then tells them apart less.
DEFAULT_METRIC = f"P@{CUTOFF}"
TEXT_METRICS = ("hit@1", f"hit@{CUTOFF}", "MRR")

Flags = npt.NDArray[np.bool_]


def compute_figures(hits: Flags, relevant: Positions) -> Values:
    """Return each of METRICS for each query: (n, 5).

    `hits` (n, depth) tells which results are relevant, best first, and `relevant` (n,) how many
    relevant products there are in all, at least one. If R exceeds the depth, MAP@R is that of the
    depth.

    P@k is the share of relevant products in the first k; recall@k the share of the relevant
    products that are in the first k. MAP@R (Musgrave, Belongie and Lim 2020, arXiv:2003.08505) is
    1/R times the sum of P@i over those i up to R whose result is relevant. nDCG@k (Järvelin and
    Kekäläinen 2002) is the sum of 1 / log2(i + 1) over relevant results in the first k, divided by
    its maximum.
    """
    depth = hits.shape[1]
    k = min(CUTOFF, depth)
    top = hits[:, :k]
    ranks = np.arange(1, depth + 1)
    precision = hits.cumsum(1) / ranks
    is_within_r = ranks <= relevant[:, None]
    r = np.minimum(relevant, depth)
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = discount.cumsum()[np.minimum(relevant, k) - 1]
    return np.stack(
        [
            hits[:, 0].astype(np.float64),
            top.mean(1),
            top.sum(1) / relevant,
            (precision * (hits & is_within_r)).sum(1) / r,
            top @ discount / ideal,
        ],
        1,
    )


def compute_text_figures(hits: Flags) -> Values:
    """Return each of TEXT_METRICS for each query, from which results are relevant: (n, 3).

    hit@k, called R@k in papers on text-image retrieval, tells whether a relevant product is among
    the first k. MRR is the mean of 1 over the rank of the first relevant one (Voorhees 1999), 0
    beyond the depth.
    """
    first_rank = np.where(hits.any(1), hits.argmax(1) + 1, 0)
    is_found = first_rank > 0
    return np.stack(
        [
            is_found & (first_rank <= 1),
            is_found & (first_rank <= CUTOFF),
            is_found / np.maximum(first_rank, 1),
        ],
        1,
    ).astype(np.float64)


def remove_results(hits: Flags, is_removed: Flags) -> Flags:
    """Remove some results from hits (n, depth), moving the others up."""
    is_kept = ~is_removed
    rows, columns = (hits & is_kept).nonzero()
    remaining_hits = np.zeros_like(hits)
    remaining_hits[rows, is_kept.cumsum(1, dtype=np.int32)[rows, columns] - 1] = True
    return remaining_hits
