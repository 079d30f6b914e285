"""Load the vectors into Qdrant: python load_qdrant.py [ADDRESS] [COLLECTION]."""

import sys

from qdrant_client import QdrantClient
from qdrant_client.models import Batch, Distance, VectorParams
from vectors import DIM, Vectors, read_batches

COLLECTION = "products"


def load(client: QdrantClient, collection: str = COLLECTION) -> int:
    """Create a collection with all products, and return how many they are.

    Qdrant's points have numbers; the products' own ids are in the payload.
    """
    client.create_collection(
        collection, vectors_config=VectorParams(size=DIM, distance=Distance.COSINE)
    )
    count = 0
    for ids, paths, vectors in read_batches():
        payloads = [{"id": i, "path": path} for i, path in zip(ids, paths, strict=True)]
        numbers = list(range(count, count + len(ids)))
        points = Batch(ids=numbers, vectors=vectors.tolist(), payloads=payloads)
        client.upsert(collection, points=points, wait=True)
        count += len(ids)
    return count


def search(
    client: QdrantClient, vector: Vectors, k: int, collection: str = COLLECTION
) -> list[tuple[str, float]]:
    """Return the k nearest products to a vector (dim,), with their cosines."""
    points = client.query_points(collection, query=vector.tolist(), limit=k).points
    return [(point.payload["id"], point.score) for point in points if point.payload]


if __name__ == "__main__":
    address, name = [*sys.argv[1:], "http://localhost:6333", COLLECTION][:2]
    if len(sys.argv) == 2:
        name = COLLECTION
    print(load(QdrantClient(address), name), "products in", name)
