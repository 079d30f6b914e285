"""Figures and differences of methods by an attribute, with near-duplicates and without them."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from similarity.indexes import Positions
from similarity.measures.metrics.folds import means_without_folds
from similarity.measures.metrics.groups import GROUP
from similarity.measures.metrics.retrieval import METRICS, Flags, figures, without
from similarity.measures.metrics.schema import Difference, Figure, Gallery, Table
from similarity.statistics.clusters import Numbers, fold_intervals
from similarity.statistics.intervals import Values
from similarity.statistics.significance import holm
from similarity.store.table import OURS

MOST = 8  # attributes


def compared(
    values: Mapping[str, Values],
    left_out: Mapping[str, Values],
    names: Sequence[str],
    chance: float | None = None,
) -> Table:
    """Figures and differences of methods from values (n, metrics), from 0 to 1, over the same
    queries, and from the means without each fold (folds, metrics)."""
    keys = list(values)
    means = {key: found.mean(0) for key, found in values.items()}
    shown = {}
    for key in keys:
        low, high, _ = fold_intervals(means[key], left_out[key])
        shown[key] = _named(names, means[key], np.maximum(low, 0), np.minimum(high, 1))
    pairs = list(combinations(keys, 2))
    less, p = {}, {}
    for one, other in pairs:
        apart = means[one] - means[other]
        low, high, p[one, other] = fold_intervals(apart, left_out[one] - left_out[other])
        less[one, other] = _named(names, apart, low, high)
    differences = [
        Difference(*pair, name, less[pair][name], float(p[pair][place]), corrected)
        for place, name in enumerate(names)
        for pair, corrected in zip(
            pairs, holm([float(p[pair][place]) for pair in pairs]), strict=True
        )
    ]
    return Table(len(values[keys[0]]), chance, shown, differences)


def _named(names: Sequence[str], means: Values, low: Values, high: Values) -> dict[str, Figure]:
    rows = zip(names, means.tolist(), low.tolist(), high.tolist(), strict=True)
    return {name: Figure(*figure) for name, *figure in rows}


def attribute_tables(
    answers: Mapping[str, Positions],
    queries: Positions,
    codes: Positions,
    twins: Sequence[set[int]],
    folds: Numbers,
    depth: int,
) -> dict[Gallery, Table]:
    """Return an attribute's tables from each method's answers to the queries: (n, depth).

    `queries` (n,) are positions, and `twins` each one's near-duplicates. `codes` are the numbers of
    the attribute's values, -1 where a product has none, and `folds` those of folds: (products,).
    """
    own, count = codes[queries], len(codes)
    by_fold = np.zeros((int(codes.max(initial=0)) + 1, int(folds.max(initial=0)) + 1), np.int64)
    np.add.at(by_fold, (codes[codes >= 0], folds[codes >= 0]), 1)
    relevant = np.where((own >= 0)[:, None], by_fold[own], 0)
    relevant[np.arange(len(own)), folds[queries]] -= own >= 0  # itself
    fewer = relevant.copy()
    for i, some in enumerate(twins):
        alike = [twin for twin in some if codes[twin] == own[i] >= 0]
        np.subtract.at(fewer[i], folds[alike], 1)
    found: dict[Gallery, Table] = {}
    flat = np.array([i * count + twin for i, some in enumerate(twins) for twin in some], np.int64)
    others = count - 1 - np.array([len(some) for some in twins], np.int64)
    galleries: dict[Gallery, tuple[Positions, Positions]] = {
        "whole": (relevant, np.full(len(queries), count - 1)),
        "without": (fewer, others),
    }

    def score(hits: Flags, r: Positions) -> Values:
        return figures(hits[:, :depth], r)

    for gallery, (by, of) in galleries.items():
        r = by.sum(1)
        asked = r > 0
        if not asked.any() or not answers:
            continue
        values, left_out = {}, {}
        for key, nearest in answers.items():
            hits, near = codes[nearest] == own[:, None], folds[nearest]
            if gallery == "without":
                gone = np.isin(np.arange(len(queries))[:, None] * count + nearest, flat)
                hits = without(hits, gone)
                near = _moved_up(near, gone)
            values[key] = score(hits[asked], r[asked])
            left_out[key] = means_without_folds(
                hits[asked], near[asked], folds[queries][asked], by[asked], score
            )
        found[gallery] = compared(values, left_out, METRICS, float((r / of)[asked].mean()))
    return found


def _moved_up(folds: Positions, gone: Flags) -> Positions:
    """The folds of answers (n, depth) from which some are taken away; -1 at the end."""
    order = np.argsort(gone, axis=1, kind="stable")
    return np.take_along_axis(np.where(gone, -1, folds), order, 1)


def number_labels(products: pd.DataFrame) -> dict[str, tuple[Positions, Positions]]:
    """The attributes that figures are given of: each product's value as a number, -1 where it has
    none, and how many have each.

    Those of at least two values, which most of the products that have one share with another.
    """
    names = [n for n in products if n not in (*OURS, "caption", GROUP)]
    names.sort(key=lambda name: name != "category")
    found = {}
    for name in names:
        texts = products[name]
        codes, values = pd.factorize(texts.where(texts != "", None))
        counts = np.bincount(codes[codes >= 0], minlength=len(values))
        if len(values) > 1 and 2 * counts[counts > 1].sum() > counts.sum():
            found[str(name)] = codes.astype(np.int64), counts
    return dict(list(found.items())[:MOST])
