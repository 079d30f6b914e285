"""Repeat the stored searches and report differences: python check.py.

Exits with 0 if every list of nearest products is the same, and 1 if not.
"""

import json
import sys
from typing import Any

import load_faiss
import numpy as np
from vectors import DECISION, FOLDER, Vectors, read_all

TIE = 1e-5  # cosines that differ by less may swap places on another processor
SAME = 0.9999  # cosine of a picture's vector with the stored one


def compare(hits: list[tuple[str, float]], stored: dict[str, Any]) -> bool:
    """Return whether the products are the stored ones in their order, except for ties."""
    last = stored["scores"][-1]
    scores = dict(hits) | dict(zip(stored["products"], stored["scores"], strict=True))
    for (product, score), expected, cosine in zip(
        hits, stored["products"], stored["scores"], strict=True
    ):
        if abs(score - cosine) > TIE:
            return False
        if product != expected and abs(scores[product] - scores[expected]) > TIE:
            return False
        if product not in stored["products"] and abs(score - last) > TIE:
            return False
    return True


def check_lists(kind: str, stored: list[dict[str, Any]], queries: Vectors) -> bool:
    """Search for each query, and say how many lists are the stored ones."""
    same = 0
    for each, query in zip(stored, queries, strict=True):
        k = len(each["products"])
        hits = load_faiss.search(INDEX, IDS, query, min(k + 1, len(IDS)))
        hits = [hit for hit in hits if hit[0] != each["query"]][:k]
        same += (is_same := compare(hits, each))
        if not is_same:
            print(f"different: {each['query']}: {[product for product, _ in hits]}")
    print(f"{same} of {len(stored)} lists of {kind} are the same.")
    return same == len(stored)


if __name__ == "__main__":
    IDS, VECTORS = read_all()
    INDEX = load_faiss.load(VECTORS)
    GOLDEN = json.loads((FOLDER / "golden.json").read_text(encoding="utf-8"))
    places = {product: place for place, product in enumerate(IDS)}
    neighbours = GOLDEN["neighbours"]
    rows = [places[each["query"]] for each in neighbours]
    passed = [check_lists("products", neighbours, VECTORS[rows])]
    if DECISION["embedding"]:
        import embed

        if GOLDEN["texts"]:
            texts = [each["query"] for each in GOLDEN["texts"]]
            passed.append(check_lists("words", GOLDEN["texts"], embed.embed_texts(texts)))
        files = sorted((FOLDER / "pictures").glob("*"))
        if files:
            vectors = embed.embed_pictures([str(path) for path in files])
            stored_vectors = VECTORS[[places[path.stem] for path in files]]
            cosines = np.sum(vectors * stored_vectors, axis=1)
            same_count = int((cosines >= SAME).sum())
            print(f"{same_count} of {len(files)} pictures have the stored vector.")
            passed.append(same_count == len(files))
    sys.exit(0 if all(passed) else 1)
