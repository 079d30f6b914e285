"""Measures of rankings by grades, with the names and definitions of ir_measures.

A product without a grade counts as irrelevant, as in TREC. How many of the first ones have none is
a measure of its own, and `fill` says what they would change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from similarity.judgments.judgment import HIGHEST, RELEVANT
from similarity.statistics.intervals import Values

CUTOFF = 10
DEPTH = 100  # of a ranking
PERSISTENCE = 0.8  # of RBP: how likely a reader goes on to the next result
UNJUDGED = -1
MEASURES = (
    f"nDCG@{CUTOFF}",
    f"P@{CUTOFF}",
    f"R@{CUTOFF}",
    f"AP@{DEPTH}",
    f"RBP(rel={RELEVANT})",
)
DEFAULT_MEASURE = MEASURES[0]

GradeRows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Graded:
    """A method's rankings of n queries, as grades: (n, depth), UNJUDGED for products without one.

    `judged` has the grades of all judged products of each query, whether ranked or not.
    """

    rows: GradeRows
    judged: Sequence[GradeRows]

    def fill(self, depth: int) -> "Graded":
        """Return the same rankings if all unjudged products in the first `depth` were perfect."""
        rows = self.rows.copy()
        top = rows[:, :depth]
        added = (top == UNJUDGED).sum(1)
        top[top == UNJUDGED] = HIGHEST
        judged = [
            np.concatenate([grades, np.full(count, HIGHEST)])
            for grades, count in zip(self.judged, added.tolist(), strict=True)
        ]
        return Graded(rows, judged)


def look_up_grades(
    rankings: Sequence[Sequence[str]], grades: Sequence[Mapping[str, int]], depth: int = DEPTH
) -> Graded:
    """Return rankings of products, one for each query, as the grades that they have."""
    rows = np.full((len(rankings), depth), UNJUDGED)
    for row, ranking, judged in zip(rows, rankings, grades, strict=True):
        row[: len(ranking)] = [judged.get(product, UNJUDGED) for product in ranking[:depth]]
        row[len(ranking) :] = 0  # there are no more products
    return Graded(rows, [np.array(list(judged.values()), np.int64) for judged in grades])


def compute_measures(graded: Graded) -> Values:
    """Return each of MEASURES for each query: (n, 5).

    With grades g_i at ranks i and R relevant products: nDCG@k is the sum of g_i / log2(i + 1) up to
    k, divided by the largest that the judged products allow (Järvelin and Kekäläinen 2002); P@k is
    the share of relevant products in the first k, R@k the share of the R that are among them; AP is
    1/R times the sum of P@i over relevant ranks i; RBP is (1 - p) times the sum of p^(i - 1) over
    relevant ranks (Moffat and Zobel 2008, doi:10.1145/1416950.1416952).
    """
    grades = np.maximum(graded.rows, 0)
    is_relevant = grades >= RELEVANT
    relevant = np.array([(judged >= RELEVANT).sum() for judged in graded.judged], np.int64)
    depth = grades.shape[1]
    ranks = np.arange(1, depth + 1)
    discount = 1 / np.log2(ranks[:CUTOFF] + 1)
    ideal = np.array([_compute_ideal(judged, discount) for judged in graded.judged])
    precision = is_relevant.cumsum(1) / ranks
    top = is_relevant[:, :CUTOFF].sum(1)
    return np.stack(
        [
            grades[:, :CUTOFF] @ discount / np.maximum(ideal, 1e-12),
            top / CUTOFF,
            top / np.maximum(relevant, 1),
            (precision * is_relevant).sum(1) / np.maximum(relevant, 1),
            (1 - PERSISTENCE) * (is_relevant @ PERSISTENCE ** (ranks - 1.0)),
        ],
        1,
    )


def _compute_ideal(judged: GradeRows, discount: Values) -> float:
    """Return the DCG of the best order of the judged products."""
    best = np.sort(judged)[::-1][: len(discount)]
    return float(best @ discount[: len(best)])


def compute_scenario(graded: Graded) -> Values:
    """Return each of MEASURES if all unjudged results were perfect: (n, 5).

    Results up to the measure's own depth are meant. For P@k and RBP this is the highest value that
    more judgments can lead to, as the measure itself is the lowest. The others also depend on how
    many relevant products there are in all, so they may leave that range.
    """
    depths = (CUTOFF, CUTOFF, CUTOFF, DEPTH, DEPTH)
    filled = {depth: compute_measures(graded.fill(depth)) for depth in set(depths)}
    return np.stack([filled[depth][:, column] for column, depth in enumerate(depths)], 1)


def compute_unjudged(graded: Graded) -> Values:
    """Return the share of unjudged products in the first k for each query: (n,)."""
    return (graded.rows[:, :CUTOFF] == UNJUDGED).mean(1)
