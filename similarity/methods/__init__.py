"""The methods that can be compared, from the oldest family to the newest."""

from difflib import get_close_matches
from pathlib import Path

from similarity.errors import SimilarityError
from similarity.methods import conse, efficientnet, pixels
from similarity.methods.base import Backbone, Embedder, Method, Vectors
from similarity.methods.trained import install, trained_methods

METHODS: dict[str, Method] = {}
REFUSED_WEIGHTS: list[str] = []  # why files that lie among the trained methods are none


def _fill() -> None:
    trained, REFUSED_WEIGHTS[:] = trained_methods()
    METHODS.clear()
    for method in (
        pixels.METHOD,
        efficientnet.METHOD,
        *(method for method in trained if not method.answers_text),
        conse.METHOD,
        *(method for method in trained if method.answers_text),
    ):
        METHODS[method.key] = method


_fill()

__all__ = [
    "METHODS",
    "REFUSED_WEIGHTS",
    "Backbone",
    "Embedder",
    "Method",
    "Vectors",
    "add_weights",
    "find_method",
]


def add_weights(given: str) -> None:
    """Make a trained file, FILE or NAME=FILE, a method from now on. Raises SimilarityError."""
    name, named, file = given.partition("=")
    path = Path(file if named else given).expanduser()
    key = name if named else path.stem
    if key in (pixels.METHOD.key, efficientnet.METHOD.key, conse.METHOD.key):
        raise SimilarityError(
            f"'{key}' is a method already: give the file another name, --weights NAME={path}"
        )
    install(path, key)
    _fill()


def find_method(key: str) -> Method:
    """The method of that key. Raises SimilarityError that lists the keys there are."""
    if key in METHODS:
        return METHODS[key]
    close = get_close_matches(key, METHODS, 1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise SimilarityError(f"There is no method '{key}': choose from {', '.join(METHODS)}.{hint}")
