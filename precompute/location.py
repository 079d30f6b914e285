"""Where a build stores vectors: in files, or in a Milvus database."""

from pathlib import Path

from similarity.errors import SimilarityError
from similarity.indexes.milvus.collection import list_collections
from similarity.indexes.milvus.database import parse_address
from similarity.store.generations import Generation
from similarity.store.publish import open_base_generation

LITE_FOLDER = "milvus.db"  # the folder of Milvus Lite within a catalogue's folder


def find_milvus_address(generation: Generation | None) -> str | None:
    """Return the Milvus address of a built catalogue's vectors, if any."""
    return next((address for address, _ in list_collections(generation)), None)


def choose_milvus_address(index: str | None, uri: str | None, folder: Path) -> str | None:
    """Return the address of the database to build in, or None for files.

    Raises SimilarityError for an invalid address.
    """
    if uri and uri.strip():
        if index == "faiss":
            raise SimilarityError("--milvus-uri is for --index milvus.")
        return parse_address(uri)
    if index == "faiss":
        return None
    base = open_base_generation(folder)
    address = find_milvus_address(base)
    if base:
        base.close()
    return address or (parse_address(str(folder / LITE_FOLDER)) if index == "milvus" else None)
