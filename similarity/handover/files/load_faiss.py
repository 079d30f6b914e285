"""Load the vectors into FAISS, exactly: python load_faiss.py FILE writes the index."""

import sys
from collections.abc import Sequence
from typing import Any

import faiss
from vectors import Vectors, read_all


def load(vectors: Vectors) -> Any:
    """Return an index that compares every product: inner products of unit vectors are cosines."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def search(index: Any, ids: Sequence[str], vector: Vectors, k: int) -> list[tuple[str, float]]:
    """Return the k nearest products to a unit vector (dim,), with their cosines."""
    scores, positions = index.search(vector[None], k)
    return [(ids[i], float(score)) for i, score in zip(positions[0], scores[0], strict=True)]


if __name__ == "__main__":
    faiss.write_index(load(read_all()[1]), sys.argv[1])
