"""Load the vectors into OpenSearch: python load_opensearch.py [ADDRESS] [INDEX]."""

import sys
from collections.abc import Iterator
from typing import Any

from opensearchpy import OpenSearch, helpers
from vectors import DIM, Vectors, read_batches

INDEX = "products"
SETTINGS = {
    "settings": {"index": {"knn": True}},
    "mappings": {
        "properties": {
            "path": {"type": "keyword"},
            "vector": {
                "type": "knn_vector",
                "dimension": DIM,
                "method": {"name": "hnsw", "engine": "faiss", "space_type": "cosinesimil"},
            },
        }
    },
}


def load(client: OpenSearch, index: str = INDEX) -> int:
    """Create an index with all products, and return how many they are."""
    client.indices.create(index=index, body=SETTINGS)
    count, _ = helpers.bulk(client, list_actions(index), refresh=True)
    return count


def list_actions(index: str) -> Iterator[dict[str, Any]]:
    """Yield what to store of each product, by its id."""
    for ids, paths, vectors in read_batches():
        for product, path, vector in zip(ids, paths, vectors.tolist(), strict=True):
            yield {"_index": index, "_id": product, "path": path, "vector": vector}


def search(
    client: OpenSearch, vector: Vectors, k: int, index: str = INDEX
) -> list[tuple[str, float]]:
    """Return the k nearest products to a vector (dim,), with their cosines."""
    query = {"knn": {"vector": {"vector": vector.tolist(), "k": k}}}
    body = {"size": k, "query": query, "_source": False}
    hits = client.search(index=index, body=body)["hits"]["hits"]
    return [(hit["_id"], 2 * hit["_score"] - 1) for hit in hits]  # scores are (1 + cosine) / 2


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:9200"
    name = sys.argv[2] if len(sys.argv) > 2 else INDEX
    print(load(OpenSearch(address), name), "products in", name)
