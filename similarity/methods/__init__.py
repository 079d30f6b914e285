"""The methods to compare, from the oldest family to the newest."""

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
    MethodInputs,
    Published,
    Vectors,
    Weights,
)
from similarity.methods.candidate import FAMILY
from similarity.methods.trained_files import SUFFIX, install_trained, list_trained_methods
from similarity.methods.weights import bind_available_weights, bind_weights
from similarity.store.paths import parse_path

FAMILIES = (  # from the oldest to the newest
    "Raw pixels",
    "Classification CNN",
    "Metric learning",
    "Self-supervised",
    "Image-text",
    FAMILY,
)
BUILT_IN = (  # methods in code, whose names no trained file may use
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
RESERVED = {method.key for method in BUILT_IN}
METHODS: dict[str, Method] = {}
REFUSED_WEIGHTS: list[str] = []  # why files in the folder of trained methods were refused


def get_family(method: Method) -> str:
    """Return a method's family, without the addition that distinguishes it."""
    return method.family.split(",")[0]


def _register_methods() -> None:
    trained_files, REFUSED_WEIGHTS[:] = list_trained_methods()
    trained = [method for method in trained_files if method.key not in RESERVED]
    REFUSED_WEIGHTS.extend(
        f"'{method.key}{SUFFIX}' has the name of another method. Rename it."
        for method in trained_files
        if method.key in RESERVED
    )
    METHODS.clear()
    METHODS.update(
        (method.key, method) for method in sorted([*BUILT_IN, *trained], key=_get_sort_key)
    )


def _get_sort_key(method: Method) -> tuple[int, bool, int]:
    """Sort by family, then methods that are always available before fetched ones, then by year."""
    return FAMILIES.index(get_family(method)), method.published is not None, method.year


_register_methods()

__all__ = [
    "METHODS",
    "REFUSED_WEIGHTS",
    "RESERVED",
    "Backbone",
    "Embedder",
    "Method",
    "MethodInputs",
    "Published",
    "Vectors",
    "Weights",
    "add_weights",
    "bind_available_weights",
    "bind_weights",
    "find_method",
    "get_family",
    "group_by_family",
]


def group_by_family(methods: Iterable[Method]) -> dict[str, list[str]]:
    """Group the keys of methods by family, the oldest family first."""
    families: dict[str, list[str]] = {family: [] for family in FAMILIES}
    for method in methods:
        families.setdefault(get_family(method), []).append(method.key)
    return {family: keys for family, keys in families.items() if keys}


def add_weights(argument: str) -> None:
    """Register a trained file, given as FILE or NAME=FILE, as a method.

    Raises SimilarityError if it can't be a method.
    """
    name, separator, file = argument.partition("=")
    path = parse_path(file if separator else argument) or Path()
    key = name if separator else path.stem
    if key in RESERVED:
        raise SimilarityError(f"'{key}' is already a method.", Remedy("weights", file=path))
    install_trained(path, key)
    _register_methods()


def find_method(key: str) -> Method:
    """Return the method with a key. Raises SimilarityError that lists the valid keys."""
    if key in METHODS:
        return METHODS[key]
    close = get_close_matches(key, METHODS, 1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise SimilarityError(f"There is no method '{key}'. Choose from {', '.join(METHODS)}.{hint}")
