"""Below which score the best result of a text search is no good match, and how often that errs.

The best of all products is compared with what the best of all products reaches for other texts:
for texts that describe a product, and for texts that describe none. Cosines of single random pairs
would not do, because the best of many is high for any text.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from similarity.embedding import LONGEST_TEXT, embed_readable_texts
from similarity.indexes import VectorIndex, get_row_kind
from similarity.measures.metrics.schema import Figure, NoMatch
from similarity.measures.metrics.unanswerable import UNANSWERABLE
from similarity.measures.rankings import rank_products
from similarity.methods import Method
from similarity.statistics.intervals import compute_wilson_interval
from similarity.statistics.sampling import draw_sample

MAX_TEXTS = 200  # of each kind that has an answer
MIN_TEXTS = 40
FLAGGED = 0.08  # of the texts that have an answer, so that it stays below a tenth


def measure_no_match(method: Method, index: VectorIndex, products: pd.DataFrame) -> NoMatch | None:
    """Return a method's threshold with its error rates, or None with too few texts.

    The threshold is a quantile of the texts that have an answer. How many of them it flags is
    counted with thresholds from the other half of them, so that none is judged by itself. A text
    that the method can't read counts as flagged.
    """
    answerable = list_answerable(products)
    if len(answerable) < MIN_TEXTS:
        return None
    scores = _find_best_scores(method, index, answerable)
    flagged = np.empty(len(scores), bool)
    for half, other in (
        (slice(0, None, 2), slice(1, None, 2)),
        (slice(1, None, 2), slice(0, None, 2)),
    ):
        flagged[half] = scores[half] < np.quantile(scores[other], FLAGGED)
    threshold = float(np.quantile(scores, FLAGGED))
    others = [text for texts in UNANSWERABLE.values() for text in texts]
    return NoMatch(
        threshold,
        _measure_share(flagged),
        len(answerable),
        _measure_share(_find_best_scores(method, index, others) < threshold),
        len(others),
    )


def list_answerable(products: pd.DataFrame) -> list[str]:
    """Return texts that describe products, in random order: captions, and what people type.

    People type categories, and categories with a colour.
    """
    captions = products["caption"] if "caption" in products else products["category"]
    names = products["category"].str.strip()
    colours = products["colour"].str.strip() if "colour" in products else ""
    kinds = [captions.str.strip(), names, (colours + " " + names).where(names != "", "")]
    texts: dict[str, None] = {}
    for kind in kinds:
        distinct = sorted({text.strip()[:LONGEST_TEXT] for text in kind} - {""})
        sample = draw_sample(len(distinct), MAX_TEXTS)
        texts.update(dict.fromkeys(distinct[i] for i in sample))
    order = np.random.default_rng(0).permutation(len(texts))
    listed = list(texts)
    return [listed[i] for i in order]


def _find_best_scores(
    method: Method, index: VectorIndex, texts: Sequence[str]
) -> npt.NDArray[np.float64]:
    """Return the cosine of the best product for each text, -inf for an unreadable one: (n,)."""
    scores = np.full(len(texts), -np.inf)
    readable, vectors = embed_readable_texts(method, texts)
    if readable:
        rows = get_row_kind(method).to_rows(vectors)
        no_positions = np.full(len(rows), -1)  # texts are no products
        _, best = rank_products(index, rows, no_positions, 1, lambda done: None)
        scores[readable] = best[:, 0]
    return scores


def _measure_share(flags: npt.NDArray[np.bool_]) -> Figure:
    share = float(flags.mean())
    return Figure(share, *compute_wilson_interval(share, len(flags)))
