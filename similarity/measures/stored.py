"""What builds measure of their indexes and store beside them, and how it is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from similarity.errors import SimilarityError
from similarity.search import Catalogue

MEASURES = "measures"  # the folder of a generation


@contextmanager
def refused(catalogue: Catalogue) -> Iterator[None]:
    """What is wrong with a stored measure, with the command that measures it again."""
    try:
        yield
    except SimilarityError as error:
        command = catalogue.build_command(",".join(catalogue.methods))
        raise SimilarityError(f"{error}. Build it: {command}") from error
