"""Whether words help a picture: "this product, but in red" should find the same product in red.

A query is a product and another value of one of its attributes, as words. A result is right if it
has that value and otherwise the product's own attributes, which is a proxy for what people mean.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd

from similarity.embedding import embed_readable_texts
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import Positions, Rows, get_row_kind
from similarity.measures.metrics.folds import compute_means_without_folds
from similarity.measures.metrics.retrieval import CUTOFF, Flags
from similarity.measures.metrics.schema import Combined, Figure, Gain
from similarity.measures.metrics.tables import compare_methods
from similarity.measures.rankings import Rankings, RowSource, rank_products
from similarity.statistics.clusters import Numbers, fold_intervals
from similarity.statistics.intervals import Values
from similarity.statistics.significance import correct_holm
from similarity.store.progress import Step

SHARES = (0, 25, 50, 75, 100)  # % of the query that are words
EVEN = SHARES.index(50)
MAX_CHANGES = 300
MIN_CHANGES = 20
DEPTH = 4 * CUTOFF  # of a ranking, so that CUTOFF results remain without a fold
SEED = 0


@dataclass(frozen=True)
class Change:
    """A query: a product's position, the words for another value, and the right results."""

    product: int
    words: str
    relevant: Positions


def measure_combined(
    rankings_by_method: Sequence[Rankings],
    products: pd.DataFrame,
    labels: Mapping[str, Positions],
    folds: Numbers,
    step: Step,
    failures: Failures,
) -> Combined | None:
    """Measure queries of a product and words, by the methods that read words.

    `labels` number the values of each attribute, -1 for none: (products,). Returns None for
    products with fewer than two attributes, or too few queries.
    """
    changes = draw_changes(products, labels) if len(labels) > 1 else []
    if len(changes) < MIN_CHANGES:
        return None
    values, means_without = {}, {}
    for ranking in rankings_by_method:
        method = ranking.method
        if not method.answers_text:
            continue
        rows: Rows | None = None
        with (
            failures.catch([method], "measuring combined queries"),
            suppress(SimilarityError),  # the weights may be gone; the index can still be searched
        ):
            distinct = sorted({change.words for change in changes})
            readable, vectors = embed_readable_texts(method, distinct)
            rows = get_row_kind(method).to_rows(vectors)
        if rows is None or len(readable) < len(distinct):
            continue
        numbers = {text: i for i, text in enumerate(distinct)}
        texts = rows[[numbers[change.words] for change in changes]]
        values[method.key], means_without[method.key] = measure_changes(
            ranking.index, changes, texts, folds, step
        )
    if not values:
        return None
    table = compare_methods(values, means_without, [str(share) for share in SHARES])
    return Combined(list(labels), table, _compare_shares(values, means_without))


def draw_changes(products: pd.DataFrame, labels: Mapping[str, Positions]) -> list[Change]:
    """Draw products, and for each another value of one of its attributes.

    Only values with which a product exists that is otherwise the same.
    """
    names, rng = list(labels), np.random.default_rng(SEED)
    codes = np.stack(list(labels.values()), 1)
    kinds, kind_of = np.unique(codes, axis=0, return_inverse=True)
    members = np.argsort(kind_of, kind="stable")
    starts = np.searchsorted(kind_of[members], np.arange(len(kinds) + 1))
    # kinds that differ in one attribute only share a number for that attribute
    siblings = [
        np.unique(np.delete(kinds, column, 1), axis=0, return_inverse=True)[1]
        for column in range(len(names))
    ]
    has_value = kinds >= 0
    can_change = has_value & np.stack(
        [np.bincount(s, has_value[:, c])[s] > 1 for c, s in enumerate(siblings)], 1
    )
    order = rng.permutation(len(products))
    changes: list[Change] = []
    for product in order[can_change[kind_of[order]].any(1)][:MAX_CHANGES].tolist():
        kind = kind_of[product]
        column = next(c for c in rng.permutation(len(names)) if can_change[kind, c])
        is_other = (siblings[column] == siblings[column][kind]) & has_value[:, column]
        is_other[kind] = False
        target = rng.choice(np.flatnonzero(is_other))
        relevant = members[starts[target] : starts[target + 1]]
        words = str(products[names[column]].iloc[relevant[0]])
        changes.append(Change(product, words, relevant))
    return changes


def measure_changes(
    index: RowSource, changes: Sequence[Change], texts: Rows, folds: Numbers, step: Step
) -> tuple[Values, Values]:
    """Return the figure of each query at each of SHARES, and the means without each fold.

    `texts` (n, dim) are the rows of the queries' words. The shapes are (n, shares) and (folds,
    shares).
    """
    positions = np.array([change.product for change in changes])
    pictures = index.read(positions)
    relevant_by_fold = np.zeros((len(changes), int(folds.max()) + 1), np.int64)
    for number, change in enumerate(changes):
        np.add.at(relevant_by_fold[number], folds[change.relevant], 1)
    values, means_without = [], []
    for number, share in enumerate(SHARES):
        weights = (1 - share / 100, share / 100)
        rows = np.stack(
            [index.combine(np.stack(pair), weights) for pair in zip(pictures, texts, strict=True)]
        )
        neighbours, _ = rank_products(
            index,
            rows,
            positions,
            min(DEPTH, index.count - 1),
            lambda done, number=number: step(  # type: ignore[misc]
                "Measuring combined queries",
                number * len(changes) + done,
                len(SHARES) * len(changes),
            ),
        )
        hits = np.stack(
            [np.isin(row, c.relevant) for row, c in zip(neighbours, changes, strict=True)]
        )
        values.append(compute_share(hits, relevant_by_fold.sum(1)))
        means_without.append(
            compute_means_without_folds(
                hits, folds[neighbours], folds[positions], relevant_by_fold, compute_share
            )
        )
    return np.hstack(values), np.hstack(means_without)


def compute_share(hits: Flags, relevant: Numbers) -> Values:
    """Return the share of right results in the first CUTOFF, or as many as exist: (n, 1).

    `hits` (n, depth) tells which results are right, and `relevant` (n,) how many there are.
    """
    return (hits[:, :CUTOFF].sum(1) / np.minimum(relevant, CUTOFF))[:, None]


def _compare_shares(
    values: Mapping[str, Values], means_without: Mapping[str, Values]
) -> list[Gain]:
    """Return how much better half words and half picture is than either alone, by each method."""
    gains, p_values = [], []
    for key, figures in values.items():
        means, without = figures.mean(0), means_without[key]
        for column in (0, len(SHARES) - 1):
            estimate = means[[EVEN]] - means[[column]]
            low, high, p = fold_intervals(estimate, without[:, [EVEN]] - without[:, [column]])
            figure = Figure(float(estimate[0]), float(low[0]), float(high[0]))
            gains.append((key, str(SHARES[column]), figure))
            p_values.append(float(p[0]))
    corrected = correct_holm(p_values)
    return [Gain(*gain, p) for gain, p in zip(gains, corrected, strict=True)]
