"""The kinds of index, and the folder in which one is kept."""

from similarity.indexes.base import Files, Positions, Rows, Scores, VectorIndex, best, unit
from similarity.indexes.folder import (
    IDS,
    INDEXES,
    MANIFEST,
    fingerprint,
    index_class,
    index_place,
    open_index,
    read_manifest,
    read_weights,
    row_files,
    write_index,
)
from similarity.indexes.pairs import Kind, RandomPairs

__all__ = [
    "IDS",
    "INDEXES",
    "MANIFEST",
    "Files",
    "Kind",
    "Positions",
    "RandomPairs",
    "Rows",
    "Scores",
    "VectorIndex",
    "best",
    "fingerprint",
    "index_class",
    "index_place",
    "open_index",
    "read_manifest",
    "read_weights",
    "row_files",
    "unit",
    "write_index",
]
