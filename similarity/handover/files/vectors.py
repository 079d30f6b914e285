"""Read the vectors of the products, which have unit length."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as parquet

FOLDER = Path(__file__).parent
FILE = FOLDER / "vectors.parquet"
DECISION = json.loads((FOLDER / "decision.json").read_text(encoding="utf-8"))
DIM = DECISION["method"]["dim"]
BATCH_SIZE = 500  # products in one request to a database

Vectors = npt.NDArray[np.float32]


def read_batches(size: int = BATCH_SIZE) -> Iterator[tuple[list[str], list[str], Vectors]]:
    """Yield ids, paths and vectors (n, dim) of up to `size` products."""
    with parquet.ParquetFile(FILE) as file:
        for batch in file.iter_batches(size):
            vectors = batch["vector"].flatten().to_numpy().reshape(-1, DIM)
            yield batch["id"].to_pylist(), batch["path"].to_pylist(), vectors


def read_all() -> tuple[list[str], Vectors]:
    """Return the ids of all products and their vectors (n, dim)."""
    batches = list(read_batches(10_000))
    ids = [product for each, _, _ in batches for product in each]
    return ids, np.concatenate([vectors for _, _, vectors in batches])
