"""Measure how near random pairs are by a method: see similarity.indexes.pairs."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from precompute.scan import ahead
from similarity.errors import SimilarityError
from similarity.indexes import Kind, Positions, RandomPairs, Rows, fingerprint, index_class
from similarity.methods import Method
from similarity.search import LONGEST_TEXT, embed_texts

PAIRS = 20_000  # of each kind, or all there are where they are fewer
TEXTS = 500  # products whose words are paired with others
SEED = 0
AT_ONCE = 16  # pairs: of pixels 5 MB

Words = dict[int, str]  # by the position of the product that they belong to


def some_words(products: pd.DataFrame) -> Words:
    """The captions of at most TEXTS products drawn at random, or their category's name."""
    captions = products["caption"] if "caption" in products else products["category"]
    texts = captions.where(captions.str.strip() != "", products["category"]).str.strip()
    order = np.random.default_rng(SEED).permutation(np.flatnonzero(texts != ""))
    return {int(i): texts.iloc[i][:LONGEST_TEXT] for i in np.sort(order[:TEXTS])}


def paired(method: Method, ids: Sequence[str], words: Words) -> dict[Kind, str]:
    """What a method's pairs of these products and words are of: a hash for each kind."""
    texts = words.values() if method.answers_text else ()
    return {"pictures": fingerprint(ids), "words": fingerprint([*ids, *texts])}


def random_pairs(
    method: Method, ids: Sequence[str], words: Words, rows: Callable[[Sequence[str]], Rows]
) -> dict[Kind, RandomPairs]:
    """Cosines of random pairs; `rows` gives the stored rows of products."""
    kind, of = index_class(method), paired(method, ids, words)

    def measured(pairs: tuple[Positions, Positions], others: Callable[[Positions], Rows]) -> Rows:
        def some(start: int) -> Rows:
            one, other = (side[start : start + AT_ONCE] for side in pairs)
            return kind.cosines(rows([ids[i] for i in one]), others(other))

        parts = ahead(some, range(0, len(pairs[0]), AT_ONCE))
        return np.sort(np.concatenate([np.empty(0), *parts])).astype(np.float32)

    owners, vectors = _read(method, words if method.answers_text else {})
    texts = kind.rows(vectors)
    two_products = measured(of_products(len(ids)), lambda some: rows([ids[i] for i in some]))
    with_words = measured(of_words(len(ids), owners), lambda some: texts[some])
    return {
        "pictures": RandomPairs(two_products, of["pictures"]),
        "words": RandomPairs(with_words, of["words"]),
    }


def of_products(count: int) -> tuple[Positions, Positions]:
    """Random pairs of two of `count` products as positions (n,), (n,)."""
    if count * (count - 1) // 2 <= PAIRS:
        one, other = np.triu_indices(count, 1)
        return one.astype(np.int64), other.astype(np.int64)
    rng = np.random.default_rng(SEED)
    one = rng.integers(count, size=PAIRS)
    return one, _but(one, rng.integers(count - 1, size=PAIRS))


def of_words(count: int, owners: list[int]) -> tuple[Positions, Positions]:
    """Random pairs of a product and another's words: products (n,), places in `owners` (n,)."""
    if len(owners) * (count - 1) <= PAIRS:
        places, products = np.indices((len(owners), count - 1)).reshape(2, -1)
    else:
        places = np.arange(PAIRS) % len(owners)
        products = np.random.default_rng(SEED).integers(count - 1, size=PAIRS)
    return _but(np.array(owners, np.int64)[places], products), places


def _but(excluded: Positions, drawn: npt.NDArray[np.int64]) -> Positions:
    """Numbers drawn from one fewer, spread over all but the excluded ones."""
    return drawn + (drawn >= excluded)


def _read(method: Method, words: Words) -> tuple[list[int], Rows]:
    """The owners of the words that the method can read, and the words' vectors."""
    if not words:
        return [], np.empty((0, method.dim), np.float32)
    try:
        return list(words), embed_texts(method, list(words.values()))
    except SimilarityError:  # it can't read one of them: which?
        pass
    owners, vectors = [], [np.empty((0, method.dim), np.float32)]
    for owner, text in words.items():
        try:
            vectors.append(embed_texts(method, [text]))
            owners.append(owner)
        except SimilarityError:
            continue
    return owners, np.concatenate(vectors)
