"""Compare methods by judgments: figures, intervals, tests, and what more judgments would tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from similarity.judgments.judgment import Grades
from similarity.judgments.measures import (
    CUTOFF,
    MEASURES,
    compute_measures,
    compute_scenario,
    compute_unjudged,
    look_up_grades,
)
from similarity.measures.metrics.schema import Table
from similarity.measures.metrics.tables import compare_methods
from similarity.parts import Term
from similarity.statistics.intervals import Values
from similarity.statistics.significance import LEVEL

MIN_QUERIES = 5  # with fewer, no order of methods is claimed
POWER = 0.8
MAX_NEEDED = 100_000  # judgments: needing more means that the methods are too similar

Rankings = Mapping[str, Sequence[Sequence[str]]]  # ids of products by method and query


@dataclass(frozen=True)
class Comparison:
    """Methods compared by the judgments of n queries.

    `grades` are the judgments by query, `rankings` what each method found for these. By method:
    `values` are each of MEASURES for each query, (n, 5); `scenario` has their means if all unjudged
    results were perfect, (5,); `unjudged` is the share of the first CUTOFF results without a
    judgment. `pool` counts, for each query, the products among the first CUTOFF results of any
    method, and `unjudged_pool` those of them without a judgment: (n,).
    """

    grades: Grades
    rankings: Rankings
    values: dict[str, Values]
    table: Table
    scenario: dict[str, Values]
    unjudged: dict[str, float]
    pool: Values
    unjudged_pool: Values

    @property
    def queries(self) -> list[Term]:
        """The judged queries, in the order of all arrays."""
        return list(self.grades)

    @property
    def judgments(self) -> int:
        """The number of graded pairs."""
        return sum(map(len, self.grades.values()))

    def is_robust(self, one: str, other: str, measure: str) -> bool:
        """Return whether the same method is ahead if all unjudged results were perfect."""
        column = MEASURES.index(measure)
        difference = self.table.get_difference(one, other, measure)
        assert difference is not None, f"{one} and {other} are compared"
        filled = self.scenario[one][column] - self.scenario[other][column]
        return bool(filled * difference.estimate.mean > 0)

    def list_disputed(self, one: str, other: str, measure: str) -> list[int]:
        """Return the numbers of the queries by which two methods differ, most first."""
        column = MEASURES.index(measure)
        gaps = np.abs(self.values[one][:, column] - self.values[other][:, column])
        order = np.argsort(-gaps, kind="stable")
        return order[gaps[order] > 0].tolist()

    def estimate_needed(self, one: str, other: str, measure: str) -> int | None:
        """Return about how many more judgments decide between two methods; 0 if none.

        First those of the pool that are missing, then those of further queries: as many that a test
        at LEVEL, divided by the number of pairs, finds the present difference with a probability of
        POWER if it is the true one. None if these are more than MAX_NEEDED.
        """
        from scipy.special import ndtri  # a third of a second: no app's start waits for it

        difference = self.table.get_difference(one, other, measure)
        assert difference is not None, f"{one} and {other} are compared"
        if difference.is_significant:
            return 0
        column = MEASURES.index(measure)
        gaps = self.values[one][:, column] - self.values[other][:, column]
        pairs = len(self.values) * (len(self.values) - 1) / 2
        quantiles = float(ndtri(1 - LEVEL / pairs / 2) + ndtri(POWER))
        if len(gaps) < 2 or not gaps.mean():
            return None
        queries = (quantiles * gaps.std(ddof=1) / gaps.mean()) ** 2
        further = max(queries - len(gaps), 1) * self.pool.mean()
        count = ceil(self.unjudged_pool.sum() + further)
        return count if count <= MAX_NEEDED else None


def compare_by_judgments(rankings: Rankings, grades: Grades) -> Comparison:
    """Compare methods by their rankings for the queries in `grades`, at least one, in this order.

    The queries are the sample: intervals and tests are those of Student's t over their values.
    """
    graded = list(grades.values())
    by_method = {key: look_up_grades(rows, graded) for key, rows in rankings.items()}
    values = {key: compute_measures(rows) for key, rows in by_method.items()}
    pools = [
        set().union(*(rows[number][:CUTOFF] for rows in rankings.values()))
        for number in range(len(graded))
    ]
    return Comparison(
        grades,
        rankings,
        values,
        compare_methods(
            values, {key: compute_means_without_one(each) for key, each in values.items()}, MEASURES
        ),
        {key: compute_scenario(rows).mean(0) for key, rows in by_method.items()},
        {key: float(compute_unjudged(rows).mean()) for key, rows in by_method.items()},
        np.array([len(pool) for pool in pools], np.float64),
        np.array([len(pool - each.keys()) for pool, each in zip(pools, graded, strict=True)]),
    )


def compute_means_without_one(values: Values) -> Values:
    """Return the means of values (n, m) without each query: (n, m)."""
    return (values.sum(0) - values) / max(len(values) - 1, 1)
