"""The methods that can be compared, from the oldest family to the newest."""

from difflib import get_close_matches
from pathlib import Path

from similarity.errors import SimilarityError
from similarity.methods import (
    clip,
    clip_multilingual,
    conse,
    dinov2,
    dinov3,
    efficientnet,
    fashion_siglip,
    pe_core,
    pixels,
    resnet50,
    siglip2,
    simclr_resnet50,
)
from similarity.methods.base import (
    Backbone,
    Embedder,
    Method,
    Prepared,
    Published,
    Vectors,
    Weights,
)
from similarity.methods.trained import SUFFIX, install, trained_methods
from similarity.methods.weights import bind, bound

OURS = (  # those that are code: no trained file may have the name of one
    pixels.METHOD,
    efficientnet.METHOD,
    resnet50.METHOD,
    simclr_resnet50.METHOD,
    dinov2.METHOD,
    dinov3.METHOD,
    conse.METHOD,
    clip_multilingual.METHOD,
    clip.METHOD,
    fashion_siglip.METHOD,
    siglip2.METHOD,
    pe_core.METHOD,
)
RESERVED = {method.key for method in OURS}
METHODS: dict[str, Method] = {}
REFUSED_WEIGHTS: list[str] = []  # why files that lie among the trained methods are none


def _fill() -> None:
    found, REFUSED_WEIGHTS[:] = trained_methods()
    trained = [method for method in found if method.key not in RESERVED]
    REFUSED_WEIGHTS.extend(
        f"'{method.key}{SUFFIX}' has the name of another method: rename it."
        for method in found
        if method.key in RESERVED
    )
    METHODS.clear()
    # of each family, what everybody has comes before what has to be fetched
    for method in (
        *OURS[:3],
        *(method for method in trained if not method.answers_text),
        *OURS[3:7],
        *(method for method in trained if method.answers_text),
        *OURS[7:],
    ):
        METHODS[method.key] = method


_fill()

__all__ = [
    "METHODS",
    "REFUSED_WEIGHTS",
    "RESERVED",
    "Backbone",
    "Embedder",
    "Method",
    "Prepared",
    "Published",
    "Vectors",
    "Weights",
    "add_weights",
    "bind",
    "bound",
    "find_method",
]


def add_weights(given: str) -> None:
    """Make a trained file, FILE or NAME=FILE, a method from now on. Raises SimilarityError."""
    name, named, file = given.partition("=")
    path = Path(file if named else given).expanduser()
    key = name if named else path.stem
    if key in RESERVED:
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
