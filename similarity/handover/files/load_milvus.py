"""Load the vectors into Milvus: python load_milvus.py [ADDRESS] [COLLECTION]."""

import sys

from pymilvus import MilvusClient
from vectors import DIM, Vectors, read_batches

COLLECTION = "products"
MAX_PATH = 4096  # bytes


def load(client: MilvusClient, collection: str = COLLECTION) -> int:
    """Create a collection with all products, and return how many they are."""
    client.create_collection(
        collection,
        dimension=DIM,
        id_type="string",
        max_length=64,
        metric_type="COSINE",
        consistency_level="Strong",
    )
    count = 0
    for ids, paths, vectors in read_batches():
        rows = [
            {"id": product, "path": path[:MAX_PATH], "vector": vector}
            for product, path, vector in zip(ids, paths, vectors.tolist(), strict=True)
        ]
        client.insert(collection, rows)
        count += len(ids)
    return count


def search(
    client: MilvusClient, vector: Vectors, k: int, collection: str = COLLECTION
) -> list[tuple[str, float]]:
    """Return the k nearest products to a vector (dim,), with their cosines."""
    (hits,) = client.search(collection, data=[vector.tolist()], limit=k)
    return [(hit["id"], hit["distance"]) for hit in hits]


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:19530"
    name = sys.argv[2] if len(sys.argv) > 2 else COLLECTION
    print(load(MilvusClient(address), name), "products in", name)
