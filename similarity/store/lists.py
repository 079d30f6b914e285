"""The lists that a build keeps of files that are no products."""

import csv
import io

from similarity.errors import SimilarityError
from similarity.store.generations import Generation
from similarity.store.paths import DUPLICATES, SKIPPED


def list_skipped(generation: Generation) -> list[tuple[str, str]]:
    """Return the files that the build skipped, with the reasons.

    Raises SimilarityError if the list is damaged.
    """
    return [(path, reason) for path, reason, *_ in _read_csv(generation, SKIPPED)]


def list_duplicates(generation: Generation) -> list[tuple[str, str]]:
    """Return the files that have the content of another, with the path of that one.

    Raises SimilarityError if the list is damaged.
    """
    return [(path, first) for path, first, *_ in _read_csv(generation, DUPLICATES)]


def _read_csv(generation: Generation, path: str) -> list[list[str]]:
    try:
        text = generation.read(path).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))[1:]
    except (ValueError, csv.Error) as error:
        raise SimilarityError(f"{path} is damaged ({error}).") from error
