"""What methods find for judged queries, by exact search."""

from collections.abc import Callable, Sequence

import numpy as np

from similarity.catalogue import Catalogue
from similarity.indexes import Rows
from similarity.judgments.measures import DEPTH
from similarity.judgments.store import Judgments
from similarity.measures.rankings import rank_products
from similarity.methods import Method
from similarity.parts import Term

Report = Callable[[int, int], object]  # takes the number done, and the total


def list_able_methods(catalogue: Catalogue, kind: str) -> list[Method]:
    """Return the methods that can answer queries of a kind: product, text or picture."""
    stale = catalogue.list_stale_methods()
    methods = [catalogue.resolve_method(key) for key in catalogue.methods if key not in stale]
    if kind == "text":
        return [method for method in methods if method.answers_text]
    if kind == "picture":
        return [method for method in methods if method.has_model]
    return methods


def rank_queries(
    catalogue: Catalogue,
    method: Method,
    queries: Sequence[Term],
    report: Report = lambda done, total: None,
    depth: int = DEPTH,
) -> list[list[str]]:
    """Return the ids of the first products for each query, all of one kind, best first.

    A product is left out of its own results. Raises SimilarityError if the method can't answer.
    """
    if not queries:
        return []
    index = catalogue.open_index(method)
    own_positions = np.full(len(queries), -1)
    if queries[0].kind == "product":
        own_positions = np.array([catalogue.find_position(query.value) for query in queries])
        rows = index.read(own_positions)
    else:
        rows = _embed(catalogue, method, queries, report)
    depth = min(depth, len(catalogue.products) - (queries[0].kind == "product"))
    if not depth:
        return [[] for _ in queries]

    def report_done(done: int) -> None:
        report(done, len(queries))

    nearest, _ = rank_products(index, rows, own_positions, depth, report_done)
    ids = catalogue.products.index.to_numpy(dtype=object)
    return [ids[positions].tolist() for positions in nearest]


def _embed(catalogue: Catalogue, method: Method, queries: Sequence[Term], report: Report) -> Rows:
    judgments = Judgments(catalogue.folder)
    rows = []
    for done, query in enumerate(queries):
        report(done, len(queries))
        if query.kind == "text":
            rows.append(catalogue.encode_query(method, text=query.value))
        else:
            content = judgments.read_picture(query.value)
            rows.append(catalogue.encode_query(method, image=content))
    return np.stack(rows)
