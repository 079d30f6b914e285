"""Tables of methods whose figures are made up, each query by chance."""

from collections.abc import Mapping

import numpy as np

from similarity.measures.metrics.folds import FOLDS
from similarity.measures.metrics.retrieval import METRICS
from similarity.measures.metrics.schema import Table
from similarity.measures.metrics.tables import compare_methods


def planted(seed: int, *means: float, n: int = 400) -> Table:
    """Methods that are right so often."""
    rng = np.random.default_rng(seed)
    return table_of(
        {
            name: np.repeat((rng.random((n, 1)) < mean).astype(float), len(METRICS), 1)
            for name, mean in zip("abcd", means, strict=False)
        }
    )


def table_of(values: Mapping[str, np.ndarray]) -> Table:
    """METRICS of methods from values (n, metrics); queries depend on nothing else."""
    without = {}
    for key, rows in values.items():
        fold = np.arange(len(rows)) % FOLDS
        without[key] = np.stack([rows[fold != i].mean(0) for i in range(FOLDS)])
    return compare_methods(values, without, METRICS)
