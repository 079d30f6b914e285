"""What builds measure of their indexes and store beside them, and how it is refused."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter

from similarity.catalogue import Catalogue
from similarity.errors import Remedy, SimilarityError
from similarity.indexes import fingerprint, index_place, read_manifest
from similarity.methods import METHODS, Method
from similarity.store.generations import Generation

MEASURES = "measures"  # the folder of a generation
STRICT = ConfigDict(strict=True, extra="forbid", ser_json_inf_nan="strings", allow_inf_nan=False)

T = TypeVar("T")


@contextmanager
def refused(catalogue: Catalogue) -> Iterator[None]:
    """What is wrong with a stored measure, with the command that measures it again."""
    try:
        yield
    except SimilarityError as error:
        remedy = Remedy("build", catalogue.folder, catalogue.source, tuple(catalogue.methods))
        raise SimilarityError(f"{error}.", remedy) from error


def read_json(adapter: TypeAdapter[T], content: bytes, place: str, format: int) -> T:
    """A file that was written by this adapter in this format; it is strict in what it takes.

    Raises SimilarityError for anything else.
    """
    try:
        found = adapter.validate_json(content)
        written = getattr(found, "format", None)
        if written != format:
            raise ValueError(f"its format is {written}, not {format}")
        return found
    except Exception as error:  # a damaged file may raise anything
        reason = str(error).splitlines()[0]
        raise SimilarityError(f"{place} is damaged ({type(error).__name__}: {reason})") from error


def stamp(generation: Generation, method: Method, products: str) -> str:
    """Hash what decides a method's vectors: its revision, the products, and the precision.

    `products` is their fingerprint. The kind of the index has no part in it: what is measured by
    exact comparison holds whichever kind answers. Raises SimilarityError if there is no index.
    """
    files = generation.part(index_place(method, generation.sums))
    precision = str(read_manifest(files, method, products).get("precision", "fp32"))
    return fingerprint([method.revision, products, precision])


def index_stamp(generation: Generation, method: Method) -> str:
    """Hash the files of a method's index in a generation: what searching them takes is theirs."""
    files = generation.part(index_place(method, generation.sums))
    sums = [f"{name} {generation.sums[f'{files.path}/{name}']}" for name in sorted(files.names())]
    return fingerprint(sums)


def of_these(catalogue: Catalogue, products: str, stamps: Mapping[str, str], place: str) -> None:
    """Raises SimilarityError unless a file is of a catalogue's products and of its vectors.

    `products` is the fingerprint of those that it is of, `stamps` are by method.
    """
    if products != catalogue.fingerprint:
        raise SimilarityError(f"{place} is of other products")
    for key, expected in stamps.items():
        if key not in METHODS or key not in catalogue.methods:
            raise SimilarityError(f"{place} is of another '{key}'")
        if stamp(catalogue.generation, catalogue.method(key), products) != expected:
            raise SimilarityError(f"{place} is of another '{key}'")
