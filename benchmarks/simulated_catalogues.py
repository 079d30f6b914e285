"""Figures of catalogues that are drawn or made up, so that their truth is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from similarity.measures.metrics.folds import assign_folds, means_without_folds
from similarity.measures.metrics.retrieval import figures
from similarity.statistics.clusters import Numbers, fold_intervals
from similarity.statistics.intervals import Values, intervals


@dataclass(frozen=True)
class CatalogueFigures:
    """A catalogue's METRICS by one method, or differences of two: the means (m,), and limits
    (2, m) with each query taken alone, and with folds of products left out."""

    mean: Values
    alone: Values
    folds: Values


def measure_catalogue(vectors: Sequence[Values], codes: Numbers) -> list[CatalogueFigures]:
    """Figures of two methods' vectors (n, dim) of a catalogue with these labels, (n,), and their
    differences."""
    folds = assign_folds(np.arange(len(codes)))
    by = np.zeros((int(codes.max()) + 1, int(folds.max()) + 1), np.int64)
    np.add.at(by, (codes, folds), 1)
    relevant = by[codes]
    relevant[np.arange(len(codes)), folds] -= 1
    asked = relevant.sum(1) > 0
    values, without = [], []
    for each in vectors:
        each = each / np.linalg.norm(each, axis=1, keepdims=True)
        cosines = each @ each.T
        np.fill_diagonal(cosines, -np.inf)
        order = np.argsort(-cosines, axis=1)[asked, :-1]
        hits = codes[order] == codes[asked][:, None]
        r = relevant[asked]
        values.append(figures(hits, r.sum(1)))
        without.append(means_without_folds(hits, folds[order], folds[asked], r, figures))
    values.append(values[0] - values[1])
    without.append(without[0] - without[1])
    found = []
    for each, left in zip(values, without, strict=True):
        low, high, _ = fold_intervals(each.mean(0), left)
        found.append(CatalogueFigures(each.mean(0), intervals(each).T, np.stack([low, high])))
    return found


def variants(groups: int, size: int, alike: float, count: int, rng: np.random.Generator) -> Values:
    """Such as P@10 of products, whose mean is one half: (groups * size, count). `alike` is the
    correlation within a group."""
    together = rng.normal(0, alike**0.5, (groups, 1, count))
    alone = rng.normal(0, (1 - alike) ** 0.5, (groups, size, count))
    return np.clip(np.round(5 + 4 * (together + alone)), 0, 10).reshape(-1, count) / 10
