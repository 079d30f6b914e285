"""The kinds of index, and the folder in which one is kept."""

from similarity.indexes.base import Files, Positions, Rows, Scores, VectorIndex, best, unit
from similarity.indexes.effort import AT, Effort, Recall, Trained
from similarity.indexes.folder import (
    IDS,
    INDEXES,
    KINDS,
    MANIFEST,
    fingerprint,
    index_class,
    index_kind,
    index_place,
    open_index,
    place_of,
    read_manifest,
    read_weights,
    row_files,
    write_index,
    write_manifest,
)
from similarity.indexes.pairs import Kind, RandomPairs

__all__ = [
    "AT",
    "IDS",
    "INDEXES",
    "KINDS",
    "MANIFEST",
    "Effort",
    "Files",
    "Kind",
    "Positions",
    "RandomPairs",
    "Recall",
    "Rows",
    "Scores",
    "Trained",
    "VectorIndex",
    "best",
    "fingerprint",
    "index_class",
    "index_kind",
    "index_place",
    "open_index",
    "place_of",
    "read_manifest",
    "read_weights",
    "row_files",
    "unit",
    "write_index",
    "write_manifest",
]
