"""Singulars and plurals of English nouns, such as the names of categories."""

from functools import cache

from pluralizer import Pluralizer


def pluralise(noun: str) -> str:
    """Return the plural of an English noun or, if it is one, the noun itself."""
    return _get_pluralizer().plural(noun)


def singularise(noun: str) -> str:
    """Return the singular of an English noun or, if it is one, the noun itself."""
    return _get_pluralizer().singular(noun)


def is_plural(noun: str) -> bool:
    """Return whether an English noun is a plural: shoes, sunglasses, trousers."""
    return pluralise(noun) == noun


@cache
def _get_pluralizer() -> Pluralizer:
    return Pluralizer()
