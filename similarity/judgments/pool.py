"""A pool: the products that judges are asked about, and in which order.

As at TREC (Spärck Jones and van Rijsbergen 1975), the pool of a query has the first k products of
every method, each once. What tells most about the order of the methods comes first:

1. The first DEPTH of every method, then the rest, because the first count most for every measure.
2. In both, queries in the order of how much the methods disagree: the sum over their products of
   the largest difference of two methods' discounts, which is how much a grade can move a difference
   of DCG (Carterette, Allan and Sitaraman 2006, doi:10.1145/1148170.1148219).

A query's products are shuffled, so that their place says nothing about a method.
"""

import time
from collections.abc import Sequence
from math import ceil, log2
from random import Random, SystemRandom

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.judgments.judgment import QUERY_KINDS
from similarity.judgments.rankings import Report, list_able_methods, rank_queries
from similarity.measures.files import STRICT
from similarity.parts import Term

FORMAT = 1
DEPTH = 3
MIN_K, MAX_K, DEFAULT_K = 3, 20, 10
MAX_METHODS = 10
MAX_QUERIES = 1000
MAX_JUDGES = 20
OVERLAP = 20  # % of the queries that all of several judges get, unless the host says otherwise

Pair = tuple[int, str]  # the number of a query, and a product


@checked(frozen=True, config=STRICT)
class Pool:
    """What is judged; it never changes.

    `rows` are each method's results by key: the ids of k products per query, best first, none where
    it can't answer. The first `common` queries are judged by all of the `judges`, the others by one
    each.
    """

    format: int
    catalogue: str
    k: int
    queries: list[tuple[str, str]]  # kind and value
    rows: dict[str, list[list[str]]]
    judges: int
    common: int
    seed: int
    created: float  # s since 1970

    def get_query(self, number: int) -> Term:
        """Return a query by its number."""
        return Term(*self.queries[number])

    def list_pairs(self, judge: int) -> list[Pair]:
        """Return all pairs that a judge, counted from 0, is asked about, in order."""
        numbers = [
            number
            for number in range(len(self.queries))
            if number < self.common or number % self.judges == judge
        ]
        weights = {number: self._weigh(number) for number in numbers}
        order = sorted(numbers, key=lambda number: -sum(weights[number].values()))
        firsts: list[Pair] = []
        others: list[Pair] = []
        for number in order:
            products = sorted(weights[number])
            Random(f"{self.seed}/{judge}/{number}").shuffle(products)
            top = {p for rows in self.rows.values() for p in rows[number][:DEPTH]}
            firsts += [(number, product) for product in products if product in top]
            others += [(number, product) for product in products if product not in top]
        return firsts + others

    def _weigh(self, number: int) -> dict[str, float]:
        """Return how much the grade of each product of a query tells about two methods."""
        rows = [method_rows[number] for method_rows in self.rows.values() if method_rows[number]]
        discounts = [
            {product: 1 / log2(rank + 2) for rank, product in enumerate(row)} for row in rows
        ]
        weights = {}
        for product in {product for row in rows for product in row}:
            values = [discount.get(product, 0.0) for discount in discounts]
            weights[product] = max(values) - min(values)
        return weights

    def list_products(self) -> set[str]:
        """Return every product that is shown."""
        results = {p for rows in self.rows.values() for row in rows for p in row}
        return results | {value for kind, value in self.queries if kind == "product"}

    def validate(self) -> None:
        """Raise ValueError unless its parts fit each other."""
        is_whole = all(len(rows) == len(self.queries) for rows in self.rows.values())
        if (
            not is_whole
            or not self.rows
            or not self.queries
            or self.judges < 1
            or any(kind not in QUERY_KINDS for kind, _ in self.queries)
        ):
            raise ValueError("its rows are incomplete")


pools = TypeAdapter(Pool)


def make_pool(
    catalogue: Catalogue,
    methods: Sequence[str],
    queries: Sequence[Term],
    k: int,
    judges: int,
    overlap: int,
    report: Report = lambda done, total: None,
) -> Pool:
    """Pool the first k results of methods for queries, by exact search.

    `overlap` is the percentage of queries that all judges get, if there are several. `report` is
    called with the number of searches done. Raises SimilarityError if nothing can be judged.
    """
    distinct = list(dict.fromkeys(queries))
    _validate(methods, distinct, k, judges, overlap)
    rng = SystemRandom()
    rng.shuffle(distinct)
    rows: dict[str, list[list[str]]] = {key: [[] for _ in distinct] for key in methods}
    total = len(methods) * len(distinct)
    done = 0
    for kind in QUERY_KINDS:
        numbers = [number for number, query in enumerate(distinct) if query.kind == kind]
        able_keys = {method.key for method in list_able_methods(catalogue, kind)}
        for key in methods:
            if key in able_keys and numbers:
                rankings = rank_queries(
                    catalogue,
                    catalogue.resolve_method(key),
                    [distinct[number] for number in numbers],
                    depth=k,
                )
                for number, ranking in zip(numbers, rankings, strict=True):
                    rows[key][number] = ranking
            done += len(numbers)
            report(done, total)
    answered = [i for i in range(len(distinct)) if any(rows[key][i] for key in methods)]
    if not answered:
        raise SimilarityError("None of these methods can search for these queries. Choose others.")
    return Pool(
        format=FORMAT,
        catalogue=catalogue.name,
        k=k,
        queries=[(distinct[i].role, distinct[i].value) for i in answered],
        rows={key: [rows[key][i] for i in answered] for key in methods},
        judges=judges,
        common=ceil(len(answered) * overlap / 100) if judges > 1 else 0,
        seed=rng.getrandbits(62),
        created=time.time(),
    )


def _validate(
    methods: Sequence[str], queries: Sequence[Term], k: int, judges: int, overlap: int
) -> None:
    if not 1 <= len(set(methods)) <= MAX_METHODS:
        raise SimilarityError(f"Choose 1 to {MAX_METHODS} methods.")
    if not 1 <= len(queries) <= MAX_QUERIES:
        raise SimilarityError(
            f"There are {len(queries):,} queries. Choose 1 to {MAX_QUERIES:,} of them."
        )
    if not MIN_K <= k <= MAX_K:
        raise SimilarityError(f"Judge the first {MIN_K} to {MAX_K} results.")
    if not (1 <= judges <= MAX_JUDGES and 0 <= overlap <= 100):
        raise SimilarityError(f"Choose 1 to {MAX_JUDGES} judges, and an overlap of 0 to 100 %.")
