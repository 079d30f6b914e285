"""Strengths of entrants from pairwise preferences with ties.

Davidson's model (1970, doi:10.1080/01621459.1970.10481082) extends that of Bradley and Terry (1952)
by ties. With strengths p_i and a parameter v for how common ties are, i is preferred to j with
probability p_i / (p_i + p_j + v sqrt(p_i p_j)), and neither with v sqrt(p_i p_j) over the same.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from similarity.statistics.clusters import PRIOR
from similarity.statistics.intervals import Values


def fit_strengths(
    counts: Values, pairs: Sequence[tuple[int, int]], entrants: int
) -> tuple[Values, Values]:
    """Return the maximum-likelihood strengths of r sets of votes at once.

    `counts` (r, pairs, 3) is how often the first of each pair was preferred, the second, and
    neither; PRIOR is added to each, so that strengths stay finite. Returns the logarithms of the
    strengths (r, entrants), which sum to 0, and of v (r,). The pairs must connect all entrants.
    """
    design = np.zeros((len(pairs), 3, entrants + 1))
    for row, (one, other) in zip(design, pairs, strict=True):
        row[0, one] = row[1, other] = 1
        row[2, [one, other, -1]] = 0.5, 0.5, 1
    flat = design.reshape(-1, entrants + 1)
    counts = counts + PRIOR
    totals = counts.sum(2, keepdims=True)
    scale = totals.sum()

    def loss(x: Values) -> tuple[float, Values]:
        logits = (x.reshape(len(counts), -1) @ flat.T).reshape(counts.shape)
        logits -= logits.max(2, keepdims=True)
        exps = np.exp(logits)
        sums = exps.sum(2, keepdims=True)
        value = (counts * (np.log(sums) - logits)).sum()
        gradient = (totals * exps / sums - counts).reshape(len(counts), -1) @ flat
        return value / scale, gradient.ravel() / scale

    # The sets are independent: the minimum of their sum is the minimum of each.
    start = np.zeros(len(counts) * (entrants + 1))
    options = {"maxiter": 1000, "maxfun": 5000, "ftol": 0, "gtol": 1e-6 / len(counts), "maxcor": 30}
    solution = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    x = solution.x.reshape(len(counts), -1)
    strengths = x[:, :-1]
    return strengths - strengths.mean(1, keepdims=True), x[:, -1]


def compute_scores(strengths: Values, ties: Values) -> Values:
    """Return each entrant's expected score against one of mean strength: (r, entrants).

    The score is the probability of being preferred plus half that of a tie. Takes what
    `fit_strengths` returns.
    """
    wins = np.exp(strengths)
    tied = np.exp(ties[:, None] + strengths / 2)
    return (wins + tied / 2) / (wins + 1 + tied)
