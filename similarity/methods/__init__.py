"""The methods that can be compared, from the oldest family to the newest."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from similarity.errors import Remedy, SimilarityError
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

FAMILIES = (  # from the oldest to the newest
    "Raw pixels",
    "Classification CNN",
    "Metric learning",
    "Self-supervised",
    "Image-text",
)
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


def family_of(method: Method) -> str:
    """Its family, without what tells it from others of that."""
    return method.family.split(",")[0]


def _fill() -> None:
    found, REFUSED_WEIGHTS[:] = trained_methods()
    trained = [method for method in found if method.key not in RESERVED]
    REFUSED_WEIGHTS.extend(
        f"'{method.key}{SUFFIX}' has the name of another method: rename it."
        for method in found
        if method.key in RESERVED
    )
    METHODS.clear()
    METHODS.update((method.key, method) for method in sorted([*OURS, *trained], key=_place))


def _place(method: Method) -> tuple[int, bool, int]:
    """Where a method stands: by family, what everybody has before what is fetched, by year."""
    return FAMILIES.index(family_of(method)), method.published is not None, method.year


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
    "by_family",
    "family_of",
    "find_method",
]


def by_family(keys: Iterable[str]) -> dict[str, list[str]]:
    """Keys of methods by family, the oldest family first."""
    families: dict[str, list[str]] = {family_of(method): [] for method in METHODS.values()}
    for key in keys:
        families[family_of(METHODS[key])].append(key)
    return {family: some for family, some in families.items() if some}


def add_weights(given: str) -> None:
    """Make a trained file, FILE or NAME=FILE, a method from now on. Raises SimilarityError."""
    name, named, file = given.partition("=")
    path = Path(file if named else given).expanduser()
    key = name if named else path.stem
    if key in RESERVED:
        raise SimilarityError(f"'{key}' is a method already.", Remedy("weights", file=path))
    install(path, key)
    _fill()


def find_method(key: str) -> Method:
    """The method of that key. Raises SimilarityError that lists the keys there are."""
    if key in METHODS:
        return METHODS[key]
    close = get_close_matches(key, METHODS, 1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise SimilarityError(f"There is no method '{key}': choose from {', '.join(METHODS)}.{hint}")
