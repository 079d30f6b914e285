"""Prepare a vote: its queries, and each method's results for them."""

import time
from collections.abc import Callable, Sequence
from random import Random, SystemRandom

from similarity.catalogue import Catalogue
from similarity.embedding import clean_text
from similarity.errors import SimilarityError
from similarity.measures.files import compute_stamp
from similarity.measures.neighbours.schema import Neighbours
from similarity.votes.vote import (
    FORMAT,
    MAX_K,
    MAX_METHODS,
    MAX_QUERIES,
    MAX_QUESTION,
    MIN_K,
    MIN_QUERIES,
    Query,
    QuerySource,
    Setup,
)


def draw_products(catalogue: Catalogue, count: int, rng: Random) -> list[Query]:
    """Draw products at random, without repetition."""
    ids = catalogue.products.index.tolist()
    return [Query("product", product) for product in rng.sample(ids, min(count, len(ids)))]


def select_disputed(
    neighbours: Neighbours, methods: Sequence[str], k: int, count: int, rng: Random
) -> list[Query]:
    """Return the products of the measured sample on which methods agree least, by their first k.

    Ties are broken at random. Raises KeyError as Neighbours.compute_mean_overlap does.
    """
    overlaps = neighbours.compute_mean_overlap(methods, min(k, neighbours.k))
    order = sorted(range(len(overlaps)), key=lambda i: (overlaps[i], rng.random()))
    return [Query("product", neighbours.products[i]) for i in order[:count]]


def parse_texts(text: str) -> list[Query]:
    """Parse texts, one query per line. Raises SimilarityError for invalid texts."""
    lines = dict.fromkeys(line.strip() for line in text.splitlines() if line.strip())
    return [Query("text", clean_text(line)) for line in lines]


def create_setup(
    catalogue: Catalogue,
    methods: Sequence[str],
    query_source: QuerySource,
    queries: Sequence[Query],
    k: int,
    question: str,
    report: Callable[[float], object] = lambda _: None,
) -> Setup:
    """Set up a vote over queries, with each method's results by exact search.

    `report` is called with the share that is done. Raises SimilarityError if no vote is possible:
    for methods that can't answer or always answer alike, and for too short or too long rows, lists
    or questions.
    """
    question = " ".join(question.split())
    _validate(catalogue, methods, queries, k, question)
    rows: dict[str, list[list[str]]] = {}
    for key in methods:
        rows[key] = []
        for query in queries:
            if query.kind == "product":
                hits = catalogue.search(key, product=query.value, k=k, exact=True)
            else:
                hits = catalogue.search(key, text=query.value, k=k, exact=True)
            rows[key].append([hit.product for hit in hits])
            report(sum(map(len, rows.values())) / (len(methods) * len(queries)))
    setup = Setup(
        format=FORMAT,
        catalogue=catalogue.name,
        question=question,
        k=k,
        query_source=query_source,
        queries=list(queries),
        rows=rows,
        stamps={
            key: compute_stamp(
                catalogue.generation, catalogue.resolve_method(key), catalogue.fingerprint
            )
            for key in methods
        },
        seed=SystemRandom().getrandbits(62),
        created=time.time(),
    )
    if not any(setup.list_askable().values()):
        raise SimilarityError(
            "These methods give the same results for every query, so there is nothing to vote on. "
            "Choose other methods or queries."
        )
    setup.validate()
    return setup


def _validate(
    catalogue: Catalogue, methods: Sequence[str], queries: Sequence[Query], k: int, question: str
) -> None:
    if not 2 <= len(set(methods)) <= MAX_METHODS:
        raise SimilarityError(f"Choose 2 to {MAX_METHODS} methods.")
    if not MIN_QUERIES <= len(queries) <= MAX_QUERIES:
        raise SimilarityError(
            f"There are {len(queries):,} queries. A vote has {MIN_QUERIES} to {MAX_QUERIES}."
        )
    if not MIN_K <= k <= MAX_K:
        raise SimilarityError(f"A row has {MIN_K} to {MAX_K} products.")
    if len(catalogue.products) <= k:
        raise SimilarityError(
            f"'{catalogue.name}' has {len(catalogue.products)} products, too few for rows of {k}."
        )
    if not 1 <= len(question) <= MAX_QUESTION:
        raise SimilarityError(f"The question has 1 to {MAX_QUESTION} characters.")
