"""Measure how near random pairs are by a method: see similarity.indexes.pairs."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from similarity.embedding import LONGEST_TEXT, embed_texts, embedder
from similarity.errors import SimilarityError
from similarity.indexes import Kind, Positions, RandomPairs, Rows, fingerprint, index_class
from similarity.methods import Method, Vectors
from similarity.threads import ahead

PAIRS = 20_000  # of each kind, or all there are where they are fewer
TEXTS = 500  # products whose words are paired with others
SEED = 0
AT_ONCE = 5_000_000  # bytes of rows


def words_of(products: pd.DataFrame) -> list[str]:
    """Each product's caption, or its category's name; nothing where there is neither."""
    captions = products["caption"] if "caption" in products else products["category"]
    texts = captions.where(captions.str.strip() != "", products["category"])
    return [text.strip()[:LONGEST_TEXT] for text in texts]


def paired(method: Method, ids: Sequence[str], words: Sequence[str]) -> dict[Kind, str]:
    """What a method's pairs of these products and their words are of: a hash for each kind."""
    texts = words if method.answers_text else ()
    return {"pictures": fingerprint(ids), "words": fingerprint([*ids, *texts])}


def random_pairs(
    method: Method, ids: Sequence[str], words: Sequence[str], rows: Callable[[Sequence[str]], Rows]
) -> dict[Kind, RandomPairs]:
    """Cosines of random pairs of products that have these words; `rows` gives their stored rows."""
    kind, of = index_class(method), paired(method, ids, words)
    size = np.dtype(kind.row_type).itemsize * method.dim
    step = max(1, AT_ONCE // (2 * size))

    def measured(pairs: tuple[Positions, Positions], others: Callable[[Positions], Rows]) -> Rows:
        def some(start: int) -> Rows:
            one, other = (side[start : start + step] for side in pairs)
            return kind.cosines(rows([ids[i] for i in one]), others(other))

        parts = ahead(some, range(0, len(pairs[0]), step))
        return np.sort(np.concatenate([np.empty(0), *parts])).astype(np.float32)

    owners, vectors = _read(method, words, sampled(words) if method.answers_text else [])
    texts = kind.rows(vectors)
    two_products = measured(of_products(len(ids)), lambda some: rows([ids[i] for i in some]))
    with_words = measured(of_words(words, owners), lambda some: texts[some])
    return {
        "pictures": RandomPairs(two_products, of["pictures"]),
        "words": RandomPairs(with_words, of["words"]),
    }


def word_rows(method: Method, words: Sequence[str]) -> Rows:
    """The rows (n, dim) of some different words of products, none for a method without words."""
    some = sorted({words[owner] for owner in sampled(words)}) if method.answers_text else []
    return index_class(method).rows(_read(method, some, range(len(some)))[1])


def of_products(count: int) -> tuple[Positions, Positions]:
    """Random pairs of two of `count` products as positions (n,), (n,)."""
    if count * (count - 1) // 2 <= PAIRS:
        one, other = np.triu_indices(count, 1)
        return one.astype(np.int64), other.astype(np.int64)
    rng = np.random.default_rng(SEED)
    one, other = rng.integers(count, size=PAIRS), rng.integers(count - 1, size=PAIRS)
    return one, other + (other >= one)  # drawn from one fewer, spread over all but the first


def sampled(words: Sequence[str]) -> list[int]:
    """The positions of at most TEXTS products, drawn at random of those that have words."""
    having = np.flatnonzero([text != "" for text in words])
    return sorted(np.random.default_rng(SEED).permutation(having)[:TEXTS].tolist())


def of_words(words: Sequence[str], owners: Sequence[int]) -> tuple[Positions, Positions]:
    """Random pairs of a product and another's words: products (n,), places in `owners` (n,).

    Words that are also the product's own make no pair: a category's name fits all that are in it.
    """
    if len(owners) * len(words) <= PAIRS:
        places, products = np.indices((len(owners), len(words))).reshape(2, -1)
    else:
        places = np.arange(10 * PAIRS) % len(owners)  # more than needed: some make none
        products = np.random.default_rng(SEED).integers(len(words), size=len(places))
    numbers = pd.factorize(pd.Series(words, dtype=object))[0]
    others = numbers[products] != numbers[np.array(owners, np.int64)[places]]
    return products[others][:PAIRS], places[others][:PAIRS]


def _read(
    method: Method, words: Sequence[str], owners: Sequence[int]
) -> tuple[Sequence[int], Vectors]:
    """Those owners whose words the method can read, and the words' vectors."""
    if method.answers_text:
        embedder(method)  # also without any words: what can't be loaded is not to be published
    if not owners:
        return [], np.empty((0, method.dim), np.float32)
    try:
        return owners, embed_texts(method, [words[owner] for owner in owners])
    except SimilarityError:  # it can't read one of them: which?
        pass
    read, vectors = [], [np.empty((0, method.dim), np.float32)]
    for owner in owners:
        try:
            vectors.append(embed_texts(method, [words[owner]]))
            read.append(owner)
        except SimilarityError:
            continue
    return read, np.concatenate(vectors)
