"""Methods by family, the oldest first."""

from collections.abc import Iterable

from similarity.methods import METHODS, Method


def family_of(method: Method) -> str:
    """Its family, without what tells it from others of that."""
    return method.family.split(",")[0]


def by_family(keys: Iterable[str]) -> dict[str, list[str]]:
    """Keys of methods by family, the oldest family first."""
    families: dict[str, list[str]] = {family_of(method): [] for method in METHODS.values()}
    for key in keys:
        families[family_of(METHODS[key])].append(key)
    return {family: some for family, some in families.items() if some}
