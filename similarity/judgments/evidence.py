"""The judgments that a catalogue can be measured with."""

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass

from similarity.judgments.judgment import Grades


@dataclass(frozen=True)
class Judged:
    """Graded products by query, and what was left out because it is gone from the catalogue.

    `gone_products` counts the judgments of such products, `gone_queries` the queries.
    """

    grades: Grades
    gone_products: int
    gone_queries: int

    @property
    def judgments(self) -> int:
        """The number of graded pairs."""
        return sum(map(len, self.grades.values()))

    def count_kinds(self) -> Counter[str]:
        """Return the number of queries by kind: product, text or picture."""
        return Counter(query.kind for query in self.grades)

    def select_kind(self, kind: str) -> Grades:
        """Return the queries of a kind with their graded products."""
        return {query: graded for query, graded in self.grades.items() if query.kind == kind}


def select_present(grades: Grades, products: Container[str]) -> Judged:
    """Return the judgments of products that the catalogue still has."""
    present: Grades = {}
    gone_products = gone_queries = 0
    for query, graded in grades.items():
        if query.kind == "product" and query.value not in products:
            gone_queries += 1
            continue
        remaining = {product: grade for product, grade in graded.items() if product in products}
        gone_products += len(graded) - len(remaining)
        if remaining:
            present[query] = remaining
        else:
            gone_queries += 1
    return Judged(present, gone_products, gone_queries)
