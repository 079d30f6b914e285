"""Sample random pairs and their cosines by a method: see similarity.indexes.pairs."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from similarity.embedding import LONGEST_TEXT, embed_readable_texts
from similarity.indexes import Kind, Positions, RandomPairs, Rows, compute_fingerprint, get_row_kind
from similarity.methods import Method
from similarity.threads import map_ahead

MAX_PAIRS = 20_000  # of each kind
MAX_TEXTS = 500  # products whose texts are paired with others
SEED = 0
BATCH_BYTES = 5_000_000  # bytes of rows


def get_product_texts(products: pd.DataFrame) -> list[str]:
    """Return each product's caption, or its category, or an empty text."""
    captions = products["caption"] if "caption" in products else products["category"]
    texts = captions.where(captions.str.strip() != "", products["category"])
    return [text.strip()[:LONGEST_TEXT] for text in texts]


def hash_pairs(method: Method, ids: Sequence[str], product_texts: Sequence[str]) -> dict[Kind, str]:
    """Return a hash of the data of a method's pairs, for each kind."""
    texts = product_texts if method.answers_text else ()
    return {"pictures": compute_fingerprint(ids), "words": compute_fingerprint([*ids, *texts])}


def sample_pairs(
    method: Method,
    ids: Sequence[str],
    product_texts: Sequence[str],
    read_rows: Callable[[Sequence[str]], Rows],
) -> dict[Kind, RandomPairs]:
    """Return cosines of random pairs of products, and of products and texts, by a method.

    `read_rows` returns the stored rows of product ids.
    """
    kind, hashes = get_row_kind(method), hash_pairs(method, ids, product_texts)
    size = np.dtype(kind.row_type).itemsize * method.dim
    step = max(1, BATCH_BYTES // (2 * size))

    def measure(
        pairs: tuple[Positions, Positions], read_others: Callable[[Positions], Rows]
    ) -> Rows:
        def measure_batch(start: int) -> Rows:
            left, right = (side[start : start + step] for side in pairs)
            return kind.compute_cosines(read_rows([ids[i] for i in left]), read_others(right))

        batches = map_ahead(measure_batch, range(0, len(pairs[0]), step))
        return np.sort(np.concatenate([np.empty(0), *batches])).astype(np.float32)

    text_positions: list[int] = []
    text_rows = kind.to_rows(np.empty((0, method.dim), np.float32))
    if method.answers_text:
        sample = sample_texts(product_texts)
        readable, vectors = embed_readable_texts(method, [product_texts[i] for i in sample])
        text_positions, text_rows = [sample[i] for i in readable], kind.to_rows(vectors)
    picture_cosines = measure(
        draw_product_pairs(len(ids)), lambda positions: read_rows([ids[i] for i in positions])
    )
    text_cosines = measure(
        draw_text_pairs(product_texts, text_positions), lambda positions: text_rows[positions]
    )
    return {
        "pictures": RandomPairs(picture_cosines, hashes["pictures"]),
        "words": RandomPairs(text_cosines, hashes["words"]),
    }


def embed_product_texts(method: Method, product_texts: Sequence[str]) -> Rows:
    """Return the rows (n, dim) of a sample of distinct texts.

    None for a method without text search.
    """
    if not method.answers_text:
        return get_row_kind(method).to_rows(np.empty((0, method.dim), np.float32))
    texts = sorted({product_texts[position] for position in sample_texts(product_texts)})
    return get_row_kind(method).to_rows(embed_readable_texts(method, texts)[1])


def draw_product_pairs(count: int) -> tuple[Positions, Positions]:
    """Return random pairs of two different products, as positions (n,), (n,)."""
    if count * (count - 1) // 2 <= MAX_PAIRS:
        left, right = np.triu_indices(count, 1)
        return left.astype(np.int64), right.astype(np.int64)
    rng = np.random.default_rng(SEED)
    left, right = rng.integers(count, size=MAX_PAIRS), rng.integers(count - 1, size=MAX_PAIRS)
    return left, right + (right >= left)  # drawn from one fewer, then shifted past the first


def sample_texts(product_texts: Sequence[str]) -> list[int]:
    """Return the positions of at most MAX_TEXTS random products that have texts."""
    positions = np.flatnonzero([text != "" for text in product_texts])
    return sorted(np.random.default_rng(SEED).permutation(positions)[:MAX_TEXTS].tolist())


def draw_text_pairs(
    product_texts: Sequence[str], text_positions: Sequence[int]
) -> tuple[Positions, Positions]:
    """Return random pairs of a product and another's text: products (n,), text numbers (n,).

    Texts that are also the product's own are excluded, because a category fits all products in it.
    """
    if len(text_positions) * len(product_texts) <= MAX_PAIRS:
        text_numbers, products = np.indices((len(text_positions), len(product_texts))).reshape(
            2, -1
        )
    else:
        # more than needed, because some are excluded
        text_numbers = np.arange(10 * MAX_PAIRS) % len(text_positions)
        products = np.random.default_rng(SEED).integers(len(product_texts), size=len(text_numbers))
    codes = pd.factorize(pd.Series(product_texts, dtype=object))[0]
    is_valid = codes[products] != codes[np.array(text_positions, np.int64)[text_numbers]]
    return products[is_valid][:MAX_PAIRS], text_numbers[is_valid][:MAX_PAIRS]
