"""How well text queries find the products that they describe."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

import numpy as np
import pandas as pd

from similarity.embedding import LONGEST_TEXT, embed_texts
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import get_row_kind
from similarity.measures.metrics.folds import compute_means_without_folds
from similarity.measures.metrics.retrieval import (
    MAX_DEPTH,
    TEXT_METRICS,
    Flags,
    compute_text_figures,
)
from similarity.measures.metrics.schema import Table
from similarity.measures.metrics.tables import compare_methods
from similarity.measures.rankings import Rankings, rank_products
from similarity.statistics.clusters import Numbers
from similarity.statistics.sampling import draw_sample
from similarity.store.progress import Step

MAX_TEXTS = 500  # captions, or names of categories, that serve as queries


def compute_text_table(
    rankings_by_method: Sequence[Rankings],
    products: pd.DataFrame,
    folds: Numbers,
    step: Step,
    failures: Failures,
) -> tuple[Literal["captions", "categories", ""], Table | None]:
    """Measure how well captions, or names of categories, find their products.

    Returns which of both were used, and the table.
    """
    has_captions = "caption" in products and bool((products["caption"].str.strip() != "").any())
    column = products["caption" if has_captions else "category"].str.strip().str[:LONGEST_TEXT]
    product_texts = column.to_numpy(dtype=object)
    texts = sorted(set(product_texts) - {""})
    if len(set(product_texts)) < 2:  # no text, or one that fits every product
        return "", None
    sample = draw_sample(len(texts), MAX_TEXTS)
    queries = [texts[i] for i in sample]
    relevant_by_fold = np.zeros((len(queries), int(folds.max(initial=0)) + 1), np.int64)
    query_numbers = {text: i for i, text in enumerate(queries)}
    for product, product_text in enumerate(product_texts):
        if product_text in query_numbers:
            relevant_by_fold[query_numbers[product_text], folds[product]] += 1
    values, means_without = {}, {}
    for ranking in rankings_by_method:
        if not ranking.method.answers_text:
            continue
        rows = None
        with (
            failures.catch([ranking.method], "measuring text search"),
            suppress(SimilarityError),  # the weights may be gone; the index can still be searched
        ):
            rows = get_row_kind(ranking.method).to_rows(embed_texts(ranking.method, queries))
        if rows is None:
            continue
        own_positions = np.full(len(queries), -1)
        neighbours, _ = rank_products(
            ranking.index,
            rows,
            own_positions,
            min(MAX_DEPTH, len(products)),
            lambda done: step("Measuring text search", done, len(queries)),
        )
        hits: Flags = product_texts[neighbours] == np.array(queries, dtype=object)[:, None]
        values[ranking.method.key] = compute_text_figures(hits)
        means_without[ranking.method.key] = compute_means_without_folds(
            hits,
            folds[neighbours],
            own_positions,
            relevant_by_fold,
            lambda remaining, _: compute_text_figures(remaining),
        )
    if not values:
        return "", None
    table = compare_methods(values, means_without, TEXT_METRICS)
    return "captions" if has_captions else "categories", table
