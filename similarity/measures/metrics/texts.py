"""How well words find the products that they are of."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

import numpy as np
import pandas as pd

from similarity.embedding import LONGEST_TEXT, embed_texts
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import index_class
from similarity.measures.metrics.folds import means_without_folds
from similarity.measures.metrics.retrieval import DEPTH, OF_TEXTS, Flags, text_figures
from similarity.measures.metrics.schema import Table
from similarity.measures.metrics.tables import compared
from similarity.measures.rankings import Rankings, rankings
from similarity.statistics.clusters import Numbers
from similarity.statistics.sampling import draw_sample
from similarity.store.progress import Step

TEXTS = 500  # different captions, or names of categories, that are asked


def compute_text_table(
    opened: Sequence[Rankings],
    products: pd.DataFrame,
    folds: Numbers,
    step: Step,
    failures: Failures,
) -> tuple[Literal["captions", "categories", ""], Table | None]:
    """How well words find the products that they are of."""
    captions = "caption" in products and bool((products["caption"].str.strip() != "").any())
    column = products["caption" if captions else "category"].str.strip().str[:LONGEST_TEXT]
    words = column.to_numpy(dtype=object)
    texts = sorted(set(words) - {""})
    if not texts:
        return "", None
    some = draw_sample(len(texts), TEXTS)
    asked = [texts[i] for i in some]
    by = np.zeros((len(asked), int(folds.max(initial=0)) + 1), np.int64)
    numbers = {text: i for i, text in enumerate(asked)}
    for product, word in enumerate(words):
        if word in numbers:
            by[numbers[word], folds[product]] += 1
    values, left_out = {}, {}
    for each in opened:
        if not each.method.answers_text:
            continue
        rows = None
        with (
            failures.catch([each.method], "measuring its words"),
            suppress(SimilarityError),  # its weights are gone since: its index is as good as before
        ):
            rows = index_class(each.method).rows(embed_texts(each.method, asked))
        if rows is None:
            continue
        own = np.full(len(asked), -1)
        near, _ = rankings(
            each.index,
            rows,
            own,
            min(DEPTH, len(products)),
            lambda done: step("Measuring words", done, len(asked)),
        )
        hits: Flags = words[near] == np.array(asked, dtype=object)[:, None]
        values[each.method.key] = text_figures(hits)
        left_out[each.method.key] = means_without_folds(
            hits, folds[near], own, by, lambda left, _: text_figures(left)
        )
    if not values:
        return "", None
    table = compared(values, left_out, OF_TEXTS)
    return "captions" if captions else "categories", table
