"""How sure a mean is."""

import numpy as np
from scipy.stats import bootstrap


def limits(values: np.ndarray) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean of one value a query: (n,).

    The mean itself where all are the same. The source is Efron and Tibshirani 1993, chapter 13.
    """
    if len(values) < 2 or np.ptp(values) == 0:
        return float(values.mean()), float(values.mean())
    rng = np.random.default_rng(0)
    low, high = bootstrap(
        (values,), np.mean, method="percentile", n_resamples=2000, rng=rng
    ).confidence_interval
    return float(low), float(high)
