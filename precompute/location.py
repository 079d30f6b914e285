"""Where a build keeps vectors: in files, or in a Milvus database."""

from pathlib import Path

from similarity.errors import SimilarityError
from similarity.indexes.milvus.collection import collections_of
from similarity.indexes.milvus.database import address
from similarity.store.generations import Generation
from similarity.store.publish import present

LITE = "milvus.db"  # Milvus Lite's folder, in that of the catalogue


def address_of(generation: Generation | None) -> str | None:
    """Where a built catalogue's vectors are in Milvus, by the first index that says so."""
    return next((where for where, _ in collections_of(generation)), None)


def chosen(index: str | None, uri: str | None, folder: Path) -> str | None:
    """The address of the database that a build is asked to use; None if it is to use files.

    Raises SimilarityError for an address that is none.
    """
    if uri is not None:
        if index == "faiss":
            raise SimilarityError("--milvus-uri is for --index milvus.")
        return address(uri)
    if index == "faiss":
        return None
    old = present(folder)
    where = address_of(old)
    if old:
        old.close()
    return where or (address(str(folder / LITE)) if index == "milvus" else None)
