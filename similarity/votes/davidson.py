"""How strong entrants are, from who was preferred to whom, ties counted as what they are.

The model is Davidson's (1970, doi:10.1080/01621459.1970.10481082), Bradley's and Terry's (1952)
with ties. With strengths p_i and one parameter v of how common ties are, i is preferred to j with a
probability of p_i / (p_i + p_j + v sqrt(p_i p_j)), and neither with v sqrt(p_i p_j) over the same.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from similarity.statistics.clusters import PRIOR
from similarity.statistics.intervals import Values


def fit(counts: Values, pairs: Sequence[tuple[int, int]], entrants: int) -> tuple[Values, Values]:
    """The most likely strengths of r sets of answers at once.

    `counts` (r, pairs, 3) are how often the first of each pair was preferred, the second, and
    neither; PRIOR is added to each, so that nobody is infinitely strong. Gives the logarithms of
    the strengths, which sum to 0, (r, entrants), and that of v, (r,). Every entrant is reached from
    every other by pairs.
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

    # The sets don't touch each other: one convex minimum of all is the minimum of each.
    start = np.zeros(len(counts) * (entrants + 1))
    options = {"maxiter": 1000, "maxfun": 5000, "ftol": 0, "gtol": 1e-6 / len(counts), "maxcor": 30}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    x = found.x.reshape(len(counts), -1)
    strengths = x[:, :-1]
    return strengths - strengths.mean(1, keepdims=True), x[:, -1]


def scores(strengths: Values, ties: Values) -> Values:
    """What each entrant would get against one of mean strength: the chance to be preferred and half
    of that of a tie. Takes what `fit` gives and has its shape, (r, entrants)."""
    wins = np.exp(strengths)
    level = np.exp(ties[:, None] + strengths / 2)
    return (wins + level / 2) / (wins + 1 + level)
