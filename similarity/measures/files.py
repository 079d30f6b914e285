"""Read and validate the measures that builds store next to the indexes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter

from similarity.catalogue import Catalogue
from similarity.errors import Remedy, SimilarityError, get_reason
from similarity.indexes import compute_fingerprint, find_index_folder, read_manifest
from similarity.methods import Method
from similarity.store.generations import Generation

MEASURES = "measures"  # the folder of a generation
STRICT = ConfigDict(
    strict=True,
    extra="forbid",
    ser_json_inf_nan="strings",
    allow_inf_nan=False,
    validate_by_name=True,
    validate_by_alias=True,
    serialize_by_alias=True,
)

T = TypeVar("T")


def stored_as(name: str) -> Any:
    """Annotate a field with the name that it has in files.

    Files are read with by_name=False, so that they can have no other name for it.
    """
    return Field(validation_alias=name, serialization_alias=name)


@contextmanager
def add_build_remedy(catalogue: Catalogue) -> Iterator[None]:
    """Add the command that measures again to errors raised inside."""
    try:
        yield
    except SimilarityError as error:
        remedy = Remedy("build", catalogue.folder, catalogue.source, catalogue.list_arguments())
        raise SimilarityError(f"{error}.", remedy) from error


def read_json(adapter: TypeAdapter[T], content: bytes, path: str, expected_format: int) -> T:
    """Read a file written by this adapter in this format.

    Raises SimilarityError for anything else.
    """
    try:
        value = adapter.validate_json(content, by_name=False)
        stored_format = getattr(value, "format", None)
        if stored_format != expected_format:
            raise ValueError(f"its format is {stored_format}, not {expected_format}")
        return value
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(
            f"{path} is damaged ({type(error).__name__}: {get_reason(error)})"
        ) from error


def compute_stamp(generation: Generation, method: Method, products: str) -> str:
    """Return a hash of what decides a method's vectors: revision, products and precision.

    `products` is their fingerprint. The kind of index is not included, because exact comparisons
    give the same results with every kind. Raises SimilarityError if there is no index.
    """
    files = generation.folder_files(find_index_folder(method, generation.sums))
    precision = str(read_manifest(files, method, products).get("precision", "fp32"))
    return compute_fingerprint([method.vectors_revision, products, precision])


def compute_index_stamp(generation: Generation, method: Method) -> str:
    """Return a hash of the files of a method's index, which decide what searching costs."""
    files = generation.folder_files(find_index_folder(method, generation.sums))
    sums = [
        f"{name} {generation.sums[f'{files.path}/{name}']}" for name in sorted(files.list_names())
    ]
    return compute_fingerprint(sums)


def require_same_vectors(
    catalogue: Catalogue, products: str, stamps: Mapping[str, str], path: str
) -> None:
    """Raise SimilarityError unless a file was measured with the catalogue's current vectors.

    `products` is the fingerprint of the file's products, `stamps` are by method.
    """
    if products != catalogue.fingerprint:
        raise SimilarityError(f"{path} was measured with other products")
    for key, expected in stamps.items():
        if key not in catalogue.methods:
            raise SimilarityError(f"{path} was measured with another version of '{key}'")
        if compute_stamp(catalogue.generation, catalogue.resolve_method(key), products) != expected:
            raise SimilarityError(f"{path} was measured with another version of '{key}'")
