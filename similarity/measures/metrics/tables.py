"""Tables of figures and differences by attribute, with and without near-duplicates."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from similarity.indexes import Positions
from similarity.measures.metrics.folds import compute_means_without_folds
from similarity.measures.metrics.groups import GROUP
from similarity.measures.metrics.retrieval import METRICS, Flags, compute_figures, remove_results
from similarity.measures.metrics.schema import Difference, Figure, Gallery, Table
from similarity.statistics.clusters import Numbers, fold_intervals
from similarity.statistics.intervals import Values
from similarity.statistics.significance import correct_holm
from similarity.store.table import RESERVED_COLUMNS

MAX_ATTRIBUTES = 8  # attributes with tables


def compare_methods(
    values: Mapping[str, Values],
    means_without: Mapping[str, Values],
    names: Sequence[str],
    chance: float | None = None,
) -> Table:
    """Return figures and differences of methods over the same queries.

    `values` (n, metrics) are from 0 to 1, and `means_without` (folds, metrics) are the means
    without each fold.
    """
    keys = list(values)
    means = {key: method_values.mean(0) for key, method_values in values.items()}
    figures = {}
    for key in keys:
        low, high, _ = fold_intervals(means[key], means_without[key])
        figures[key] = _name_figures(names, means[key], np.maximum(low, 0), np.minimum(high, 1))
    pairs = list(combinations(keys, 2))
    estimates, p = {}, {}
    for one, other in pairs:
        difference = means[one] - means[other]
        low, high, p[one, other] = fold_intervals(
            difference, means_without[one] - means_without[other]
        )
        estimates[one, other] = _name_figures(names, difference, low, high)
    differences = [
        Difference(*pair, name, estimates[pair][name], float(p[pair][column]), corrected)
        for column, name in enumerate(names)
        for pair, corrected in zip(
            pairs, correct_holm([float(p[pair][column]) for pair in pairs]), strict=True
        )
    ]
    return Table(len(values[keys[0]]), chance, figures, differences)


def _name_figures(
    names: Sequence[str], means: Values, low: Values, high: Values
) -> dict[str, Figure]:
    rows = zip(names, means.tolist(), low.tolist(), high.tolist(), strict=True)
    return {name: Figure(*figure) for name, *figure in rows}


def build_attribute_tables(
    results: Mapping[str, Positions],
    queries: Positions,
    codes: Positions,
    duplicates: Sequence[set[int]],
    folds: Numbers,
    depth: int,
) -> dict[Gallery, Table]:
    """Return an attribute's tables from each method's results for the queries: (n, depth).

    `queries` (n,) are positions, and `duplicates` the near-duplicates of each. `codes` number the
    attribute's values, -1 for products without one, and `folds` the folds: (products,) each.
    """
    query_codes, count = codes[queries], len(codes)
    counts_by_fold = np.zeros(
        (int(codes.max(initial=0)) + 1, int(folds.max(initial=0)) + 1), np.int64
    )
    np.add.at(counts_by_fold, (codes[codes >= 0], folds[codes >= 0]), 1)
    relevant = np.where((query_codes >= 0)[:, None], counts_by_fold[query_codes], 0)
    relevant[np.arange(len(query_codes)), folds[queries]] -= query_codes >= 0  # the query itself
    relevant_without = relevant.copy()
    for i, query_duplicates in enumerate(duplicates):
        same_value = [
            duplicate for duplicate in query_duplicates if codes[duplicate] == query_codes[i] >= 0
        ]
        np.subtract.at(relevant_without[i], folds[same_value], 1)
    tables: dict[Gallery, Table] = {}
    flat_duplicates = np.array(
        [
            i * count + duplicate
            for i, query_duplicates in enumerate(duplicates)
            for duplicate in query_duplicates
        ],
        np.int64,
    )
    gallery_sizes = (
        count - 1 - np.array([len(query_duplicates) for query_duplicates in duplicates], np.int64)
    )
    galleries: dict[Gallery, tuple[Positions, Positions]] = {
        "whole": (relevant, np.full(len(queries), count - 1)),
        "without": (relevant_without, gallery_sizes),
    }

    def score(hits: Flags, relevant_counts: Positions) -> Values:
        return compute_figures(hits[:, :depth], relevant_counts)

    for gallery, (relevant_by_fold, sizes) in galleries.items():
        relevant_counts = relevant_by_fold.sum(1)
        is_usable = relevant_counts > 0
        if not is_usable.any() or not results:
            continue
        values, means_without = {}, {}
        for key, nearest in results.items():
            hits, result_folds = codes[nearest] == query_codes[:, None], folds[nearest]
            if gallery == "without":
                is_removed = np.isin(
                    np.arange(len(queries))[:, None] * count + nearest, flat_duplicates
                )
                hits = remove_results(hits, is_removed)
                result_folds = _remove_folds(result_folds, is_removed)
            values[key] = score(hits[is_usable], relevant_counts[is_usable])
            means_without[key] = compute_means_without_folds(
                hits[is_usable],
                result_folds[is_usable],
                folds[queries][is_usable],
                relevant_by_fold[is_usable],
                score,
            )
        tables[gallery] = compare_methods(
            values, means_without, METRICS, float((relevant_counts / sizes)[is_usable].mean())
        )
    return tables


def _remove_folds(folds: Positions, is_removed: Flags) -> Positions:
    """Remove some results' folds (n, depth), moving the others up and padding with -1."""
    order = np.argsort(is_removed, axis=1, kind="stable")
    return np.take_along_axis(np.where(is_removed, -1, folds), order, 1)


def number_labels(products: pd.DataFrame) -> dict[str, tuple[Positions, Positions]]:
    """Return the attributes that are measured: each product's value as a number, and value counts.

    Products without a value have -1. An attribute is measured if it has at least two values, and if
    most products that have one share it with another product.
    """
    names = [n for n in products if n not in (*RESERVED_COLUMNS, "caption", GROUP)]
    names.sort(key=lambda name: name != "category")
    labels = {}
    for name in names:
        texts = products[name]
        codes, values = pd.factorize(texts.where(texts != "", None))
        counts = np.bincount(codes[codes >= 0], minlength=len(values))
        if len(values) > 1 and 2 * counts[counts > 1].sum() > counts.sum():
            labels[str(name)] = codes.astype(np.int64), counts
    return dict(list(labels.items())[:MAX_ATTRIBUTES])
