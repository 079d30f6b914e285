"""What a vote asks: its queries, and what each method answers to them."""

import time
from collections.abc import Callable, Sequence
from random import Random, SystemRandom

from similarity.catalogue import Catalogue
from similarity.embedding import clean_text
from similarity.errors import SimilarityError
from similarity.measures.files import stamp
from similarity.measures.neighbours.schema import Neighbours
from similarity.votes.vote import (
    FORMAT,
    LEAST_K,
    LEAST_QUERIES,
    LONGEST_QUESTION,
    MOST_K,
    MOST_METHODS,
    MOST_QUERIES,
    Chosen,
    Query,
    Setup,
)


def drawn(catalogue: Catalogue, count: int, rng: Random) -> list[Query]:
    """Products drawn at random, without repeating any."""
    ids = catalogue.products.index.tolist()
    return [Query("product", one) for one in rng.sample(ids, min(count, len(ids)))]


def disputed(
    found: Neighbours, methods: Sequence[str], k: int, count: int, rng: Random
) -> list[Query]:
    """The products of the measured sample on which methods have least in common, of their first k.

    Chance decides between equals. Raises KeyError as Neighbours.means does.
    """
    means = found.means(methods, min(k, found.k))
    order = sorted(range(len(means)), key=lambda i: (means[i], rng.random()))
    return [Query("product", found.products[i]) for i in order[:count]]


def worded(text: str) -> list[Query]:
    """Words, one query a line. Raises SimilarityError for what can't be asked."""
    lines = dict.fromkeys(line.strip() for line in text.splitlines() if line.strip())
    return [Query("text", clean_text(line)) for line in lines]


def answered(
    catalogue: Catalogue,
    methods: Sequence[str],
    chosen: Chosen,
    queries: Sequence[Query],
    k: int,
    question: str,
    progress: Callable[[float], object] = lambda _: None,
) -> Setup:
    """A vote over these queries, with each method's answers by exact search, whatever its index.

    `progress` is told the share that is done. Raises SimilarityError for what is no vote: methods
    that can't answer, or that answer alike to everything; a row, a list or a question that is too
    short or too long.
    """
    question = " ".join(question.split())
    _check(catalogue, methods, queries, k, question)
    rows: dict[str, list[list[str]]] = {}
    for key in methods:
        rows[key] = []
        for query in queries:
            if query.kind == "product":
                hits = catalogue.search(key, product=query.value, k=k, exact=True)
            else:
                hits = catalogue.search(key, text=query.value, k=k, exact=True)
            rows[key].append([hit.product for hit in hits])
            progress(sum(map(len, rows.values())) / (len(methods) * len(queries)))
    setup = Setup(
        format=FORMAT,
        catalogue=catalogue.name,
        question=question,
        k=k,
        chosen=chosen,
        queries=list(queries),
        rows=rows,
        stamps={
            key: stamp(catalogue.generation, catalogue.method(key), catalogue.fingerprint)
            for key in methods
        },
        seed=SystemRandom().getrandbits(62),
        made=time.time(),
    )
    if not any(setup.askable().values()):
        raise SimilarityError(
            "These methods answer alike to every query: there is nothing to vote on. Choose other "
            "methods or queries."
        )
    setup.check()
    return setup


def _check(
    catalogue: Catalogue, methods: Sequence[str], queries: Sequence[Query], k: int, question: str
) -> None:
    if not 2 <= len(set(methods)) <= MOST_METHODS:
        raise SimilarityError(f"Choose 2 to {MOST_METHODS} methods.")
    if not LEAST_QUERIES <= len(queries) <= MOST_QUERIES:
        raise SimilarityError(
            f"There are {len(queries):,} queries: a vote has {LEAST_QUERIES} to {MOST_QUERIES}."
        )
    if not LEAST_K <= k <= MOST_K:
        raise SimilarityError(f"A row has {LEAST_K} to {MOST_K} products.")
    if len(catalogue.products) <= k:
        raise SimilarityError(
            f"'{catalogue.name}' has {len(catalogue.products)} products: too few for rows of {k}."
        )
    if not 1 <= len(question) <= LONGEST_QUESTION:
        raise SimilarityError(f"The question has 1 to {LONGEST_QUESTION} characters.")
