"""TREC's files of judgments (qrels) and of rankings (runs), which other tools read.

Spaces separate their fields, so queries are written as `format_query` does. Scores only count down
from the first rank: tools order equal ones by id, not as we do.
"""

from collections.abc import Iterator, Sequence

from similarity.judgments.judgment import Grades, format_query
from similarity.parts import Term


def format_qrels(grades: Grades) -> Iterator[str]:
    """Yield the lines of a file of judgments: query, 0, product, grade."""
    for query, graded in grades.items():
        for product, grade in graded.items():
            yield f"{format_query(query)} 0 {product} {grade}\n"


def format_run(
    name: str, queries: Sequence[Term], rankings: Sequence[Sequence[str]]
) -> Iterator[str]:
    """Yield the lines of a run: query, Q0, product, rank, score, name."""
    for query, products in zip(queries, rankings, strict=True):
        for rank, product in enumerate(products, 1):
            yield f"{format_query(query)} Q0 {product} {rank} {len(products) - rank + 1} {name}\n"
