"""Write the sample judgments of the demo, by a rule instead of people.

    python -m benchmarks.sample_judgments

The judge of the rule compares a result with the query's kind (the category), colour and pattern:
3 if all are the same, 2 if kind and colour are, 1 if the kind is, 0 otherwise. A text names a
colour and a kind: 3 if both are right, 1 if the kind is. Judged are the first POOL results of every
method for QUERIES products and TEXTS texts, drawn at random. Everything else stays unjudged.
"""

import csv
from pathlib import Path
from random import Random

from similarity import Catalogue, open_catalogue
from similarity.parts import Term

QUERIES, TEXTS = 30, 15
POOL = 5  # results of every method that are judged
OUT = Path(__file__).parents[1] / "docs" / "samples" / "demo-judgments.csv"
JUDGE = "rule"


def grade(catalogue: Catalogue, query: Term, product: str) -> int:
    """Return the grade of a product by the rule."""
    table = catalogue.products
    result = table.loc[product]
    if query.kind == "text":
        colour, kind = query.value.split(" ", 1)
        return (result["category"] == kind) * (3 if result["colour"] == colour else 1)
    reference = table.loc[query.value]
    same = [reference[name] == result[name] for name in ("category", "colour", "pattern")]
    return next((i for i, is_same in enumerate(same) if not is_same), len(same))


def draw_queries(catalogue: Catalogue) -> list[Term]:
    """Return the queries: products, then texts."""
    rng, table = Random(0), catalogue.products
    products = sorted(table["path"].items(), key=lambda item: item[1])
    sample = rng.sample(products, QUERIES)
    texts = sorted(set(table["colour"] + " " + table["category"]))
    return [Term("product", product) for product, _ in sample] + [
        Term("text", text) for text in rng.sample(texts, TEXTS)
    ]


def main() -> None:
    """Write the file."""
    catalogue = open_catalogue("demo")
    rows = []
    paths = catalogue.products["path"]
    for query in draw_queries(catalogue):
        pool: dict[str, None] = {}
        for key in catalogue.methods:
            if query.kind == "text" and not catalogue.resolve_method(key).answers_text:
                continue
            hits = catalogue.search(key, **{query.role: query.value}, k=POOL, exact=True)  # type: ignore[arg-type]
            pool |= dict.fromkeys(hit.product for hit in hits)
        name = paths[query.value] if query.kind == "product" else query.value
        rows += [
            (name, path, grade(catalogue, query, product), JUDGE)
            for path, product in sorted((paths[product], product) for product in pool)
        ]
    OUT.parent.mkdir(exist_ok=True)
    with OUT.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("query", "product", "grade", "judge"))
        writer.writerows(rows)
    print(f"{len(rows):,} judgments of {QUERIES + TEXTS} queries: {OUT}")


if __name__ == "__main__":
    main()
