"""Krippendorff's alpha: how much several people agree, beyond what chance gives."""

import numpy as np
import numpy.typing as npt


def nominal_alpha(counts: npt.NDArray[np.int64]) -> float:
    """Return alpha for labels without an order (Krippendorff 2011, section C).

    `counts` (units, labels) holds how often each unit was given each label, at least twice in all.
    1 is full agreement, also if only one label was ever given; 0 is what chance gives.
    """
    answers, labels = counts.sum(1), counts.sum(0)
    n = answers.sum()
    observed = (counts * (answers[:, None] - counts) / (answers[:, None] - 1)).sum() / n
    expected = (labels * (n - labels)).sum() / n / (n - 1)
    return 1 - float(observed / expected) if expected else 1.0
