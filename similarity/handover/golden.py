"""Golden queries: what a method found when it was chosen, to be asked again later."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.catalogue import Catalogue
from similarity.embedding import LONGEST_TEXT, embed_readable_texts
from similarity.errors import SimilarityError
from similarity.indexes import Rows
from similarity.judgments.evidence import select_present
from similarity.judgments.measures import CUTOFF, compute_measures, look_up_grades
from similarity.judgments.rankings import rank_queries
from similarity.judgments.store import Judgments
from similarity.measures.files import STRICT, read_json
from similarity.measures.rankings import rank_products
from similarity.methods import Method
from similarity.parts import Kind, Term

FORMAT = 1
K = 10
PRODUCTS = 100  # queries that are products
TEXTS = 10
SEED = 0
MAX_BYTES = 50_000_000  # of a file

Id = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]  # or a product's id


@checked(frozen=True, config=STRICT)
class Results:
    """The first products for a query, a product's id or a text, with their cosines.

    They are those of exact search; `share` of them was also found by the catalogue's own index,
    which may be approximate.
    """

    query: Text
    products: Annotated[list[Id], Field(min_length=1)]
    scores: list[float]
    share: float


@checked(frozen=True, config=STRICT)
class Judged:
    """A query with the products that people graded, and the nDCG@10 of the method's results."""

    kind: Kind
    query: Text
    grades: dict[str, int]
    ndcg: float


@checked(frozen=True, config=STRICT)
class Golden:
    """The golden queries of a method, with what identifies its vectors."""

    format: int
    catalogue: str
    method: str
    revision: str
    neighbours: list[Results]
    texts: list[Results]
    judged: list[Judged]


_adapter = TypeAdapter(Golden)


def to_json(golden: Golden) -> bytes:
    """Return the file's content."""
    return _adapter.dump_json(golden, indent=1)


def read_golden(path: Path) -> Golden:
    """Read a file of golden queries. Raises SimilarityError for anything else."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SimilarityError(f"'{path}' is larger than {MAX_BYTES // 1_000_000} MB.")
        content = path.read_bytes()
    except OSError as error:
        raise SimilarityError(f"'{path}' can't be read: {error.strerror or error}.") from error
    golden = read_json(_adapter, content, str(path), FORMAT)
    if not golden.neighbours and not golden.judged:
        raise SimilarityError(f"'{path}' has no queries. Hand the method over again.")
    return golden


def make_golden(catalogue: Catalogue, method: Method) -> Golden:
    """Ask a method random products, some words, and what people judged, by exact search."""
    count = len(catalogue.products)
    sample = np.random.default_rng(SEED).permutation(count)[:PRODUCTS]
    neighbours = []
    if count > 1:
        ids = catalogue.products.index[np.sort(sample)]
        neighbours = find_neighbours(catalogue, method, "product", ids.tolist())
    texts = find_neighbours(catalogue, method, "text", list_texts(catalogue, method))
    return Golden(
        FORMAT,
        catalogue.fingerprint,
        method.key,
        method.vectors_revision,
        neighbours,
        texts,
        list(_judge(catalogue, method)),
    )


def list_texts(catalogue: Catalogue, method: Method) -> list[str]:
    """Return values of the first attribute that the method can read as texts, if it reads any."""
    if not method.answers_text or not method.has_model or not catalogue.attributes.names:
        return []
    values = catalogue.products[catalogue.attributes.names[0]].dropna().astype(str)
    texts = [value for value in sorted(values.unique()) if 0 < len(value.strip()) <= LONGEST_TEXT]
    return _select_readable(method, texts[:TEXTS])


def _select_readable(method: Method, texts: Sequence[str]) -> list[str]:
    """Return the texts that a method can read; without any, it isn't loaded."""
    readable = embed_readable_texts(method, texts)[0] if texts else []
    return [texts[number] for number in readable]


def read_rows(catalogue: Catalogue, method: Method, kind: Kind, queries: Sequence[str]) -> Rows:
    """Return the rows of queries, at least one: products' ids or texts."""
    if kind == "product":
        positions = np.array([catalogue.find_position(query) for query in queries])
        return catalogue.open_index(method).read(positions)
    return np.stack([catalogue.encode_query(method, text=query) for query in queries])


def find_neighbours(
    catalogue: Catalogue, method: Method, kind: Kind, queries: Sequence[str]
) -> list[Results]:
    """Return the first K products for each query by exact search, a product not for itself."""
    if not queries:
        return []
    index, rows = catalogue.open_index(method), read_rows(catalogue, method, kind, queries)
    leave_out = np.full(len(queries), -1)
    if kind == "product":
        leave_out = np.array([catalogue.find_position(query) for query in queries])
    k = min(K, len(catalogue.products) - (kind == "product"))
    positions, scores = rank_products(index, rows, leave_out, k, lambda done: None)
    ids = catalogue.products.index.to_numpy(dtype=object)
    return [
        Results(
            query,
            products := ids[places].tolist(),
            [float(score) for score in cosines],
            compute_share(catalogue, method, kind, query, row, products),
        )
        for query, row, places, cosines in zip(queries, rows, positions, scores, strict=True)
    ]


def compute_share(
    catalogue: Catalogue,
    method: Method,
    kind: Kind,
    query: str,
    row: Rows,
    products: Sequence[str],
) -> float:
    """Return the share of these products that the catalogue's own index finds for a query's row."""
    left_out = [query] if kind == "product" else []
    count = min(len(products), len(catalogue.products) - len(left_out))
    hits = catalogue.find_nearest(method, row, count, leave_out=left_out)
    return len({hit.product for hit in hits} & set(products)) / len(products)


def _judge(catalogue: Catalogue, method: Method) -> list[Judged]:
    """Return the queries that people judged and that the method can answer, without pictures."""
    judged = select_present(
        Judgments(catalogue.folder).read_grades("people"), catalogue.products.index
    )
    kinds: list[Kind] = ["product"]
    if method.answers_text and method.has_model:
        kinds.append("text")
    results = []
    for kind in kinds:
        grades = judged.select_kind(kind)
        if kind == "text":
            readable = set(_select_readable(method, [query.value for query in grades]))
            grades = {query: graded for query, graded in grades.items() if query.value in readable}
        values = compute_ndcg(catalogue, method, list(grades), list(grades.values()))
        results += [
            Judged(kind, query.value, dict(graded), value)
            for (query, graded), value in zip(grades.items(), values, strict=True)
        ]
    return results


def compute_ndcg(
    catalogue: Catalogue,
    method: Method,
    queries: Sequence[Term],
    grades: Sequence[dict[str, int]],
) -> list[float]:
    """Return the nDCG@10 of a method's results for queries of one kind with their grades."""
    if not queries:
        return []
    rankings = rank_queries(catalogue, method, queries, depth=CUTOFF)
    return [float(row[0]) for row in compute_measures(look_up_grades(rankings, grades))]
