"""Figures of sampled or made-up catalogues, whose truth is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import faiss
import numpy as np

from similarity import Catalogue
from similarity.embedding import embed_texts
from similarity.indexes import normalise
from similarity.indexes.flat import FlatIndex
from similarity.measures.metrics.combined import EVEN, draw_changes, measure_changes
from similarity.measures.metrics.folds import assign_folds, compute_means_without_folds
from similarity.measures.metrics.retrieval import compute_figures
from similarity.measures.metrics.tables import number_labels
from similarity.statistics.clusters import Numbers, fold_intervals
from similarity.statistics.intervals import Values, compute_intervals


@dataclass(frozen=True)
class CatalogueFigures:
    """A catalogue's METRICS by one method, or the differences of two.

    The means (m,), and limits (2, m) with independent queries and with product folds left out.
    """

    mean: Values
    independent: Values
    folds: Values


def measure_catalogue(vectors: Sequence[Values], codes: Numbers) -> list[CatalogueFigures]:
    """Return the figures of two methods on a catalogue, and of their differences.

    The vectors have the shape (n, dim), the labels (n,).
    """
    folds = assign_folds(np.arange(len(codes)))
    by = np.zeros((int(codes.max()) + 1, int(folds.max()) + 1), np.int64)
    np.add.at(by, (codes, folds), 1)
    relevant = by[codes]
    relevant[np.arange(len(codes)), folds] -= 1
    have_relevant = relevant.sum(1) > 0
    values, without = [], []
    for each in vectors:
        each = each / np.linalg.norm(each, axis=1, keepdims=True)
        cosines = each @ each.T
        np.fill_diagonal(cosines, -np.inf)
        order = np.argsort(-cosines, axis=1)[have_relevant, :-1]
        hits = codes[order] == codes[have_relevant][:, None]
        r = relevant[have_relevant]
        values.append(compute_figures(hits, r.sum(1)))
        without.append(
            compute_means_without_folds(
                hits, folds[order], folds[have_relevant], r, compute_figures
            )
        )
    values.append(values[0] - values[1])
    without.append(without[0] - without[1])
    figures = []
    for each, left in zip(values, without, strict=True):
        low, high, _ = fold_intervals(each.mean(0), left)
        figures.append(
            CatalogueFigures(each.mean(0), compute_intervals(each).T, np.stack([low, high]))
        )
    return figures


@dataclass(frozen=True)
class CombinedFigures:
    """The figures of pictures with words at each of SHARES, and of half words less either end.

    The means (m,), the limits (2, m) with product folds left out, and the number of queries.
    """

    mean: Values
    folds: Values
    queries: int


def draw_combined(
    catalogue: Catalogue, key: str, size: int, count: int
) -> Iterator[CombinedFigures]:
    """Draw catalogues of `size` products from another one, and yield their figures by a method."""
    method, whole = catalogue.resolve_method(key), catalogue.products
    vectors = catalogue.open_index(method).read(np.arange(len(whole)))
    texts = sorted({text for name in number_labels(whole) for text in whole[name]} - {""})
    rows = dict(zip(texts, normalise(embed_texts(method, texts)), strict=True))
    rng = np.random.default_rng(0)
    for _ in range(count):
        positions = np.sort(rng.permutation(len(whole))[:size])
        products, flat = whole.iloc[positions], faiss.IndexFlatIP(method.dim)
        flat.add(vectors[positions])
        labels = {name: codes for name, (codes, _) in number_labels(products).items()}
        changes = draw_changes(products, labels)
        values, without = measure_changes(
            FlatIndex(flat),
            changes,
            np.stack([rows[change.words] for change in changes]),
            assign_folds(np.arange(size)),
            lambda activity, done, total: None,
        )
        mean = np.append(values.mean(0), values.mean(0)[EVEN] - values.mean(0)[[0, -1]])
        left = np.hstack([without, without[:, [EVEN]] - without[:, [0, -1]]])
        low, high, _ = fold_intervals(mean, left)
        yield CombinedFigures(mean, np.stack([low, high]), len(changes))


def draw_variants(
    groups: int, size: int, alike: float, count: int, rng: np.random.Generator
) -> Values:
    """Return values like P@10 of products in groups, with a mean of 0.5: (groups * size, count).

    `alike` is the correlation within a group.
    """
    together = rng.normal(0, alike**0.5, (groups, 1, count))
    individual = rng.normal(0, (1 - alike) ** 0.5, (groups, size, count))
    return np.clip(np.round(5 + 4 * (together + individual)), 0, 10).reshape(-1, count) / 10
