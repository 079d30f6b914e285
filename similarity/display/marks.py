"""Titles of methods, and the mark of those trained with product labels."""

from collections.abc import Mapping, Sequence

from similarity.catalogue import Catalogue


def get_titles(catalogue: Catalogue, keys: Sequence[str]) -> dict[str, str]:
    """Return the titles of methods by key."""
    return {key: catalogue.registry[key].title for key in keys}


def get_training_labels(catalogue: Catalogue, keys: Sequence[str]) -> dict[str, str]:
    """Return the product labels that methods were trained with, by key, without the others."""
    labels_by_method = {key: catalogue.registry[key].training_labels for key in keys}
    return {key: text for key, text in labels_by_method.items() if text}


def mark_titles(
    catalogue: Catalogue, keys: Sequence[str], labels: Mapping[str, str]
) -> dict[str, str]:
    """Return the titles of methods by key, with a mark on those that are in `labels`."""
    return {
        key: f"{title}*" if key in labels else title
        for key, title in get_titles(catalogue, keys).items()
    }
