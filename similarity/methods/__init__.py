"""The methods that can be compared, from the oldest family to the newest."""

from difflib import get_close_matches

from similarity.errors import SimilarityError
from similarity.methods import conse, efficientnet, pixels
from similarity.methods.base import Embedder, Method, Vectors

METHODS: dict[str, Method] = {
    method.key: method for method in (pixels.METHOD, efficientnet.METHOD, conse.METHOD)
}

__all__ = ["METHODS", "Embedder", "Method", "Vectors", "find_method"]


def find_method(key: str) -> Method:
    """The method of that key. Raises SimilarityError that lists the keys there are."""
    if key in METHODS:
        return METHODS[key]
    close = get_close_matches(key, METHODS, 1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise SimilarityError(f"There is no method '{key}': choose from {', '.join(METHODS)}.{hint}")
