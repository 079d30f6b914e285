"""What identifies the data behind a finding, and what of it has changed since."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.measures.files import compute_stamp
from similarity.store.paths import TABLE

PRODUCTS = "products"

Fingerprint = Mapping[str, str]  # hashes of the table of products, and of each method's vectors


def compute_finding_fingerprint(catalogue: Catalogue, methods: Sequence[str]) -> dict[str, str]:
    """Return what identifies the products and the vectors of some methods, by key.

    A method without a usable index has an empty text.
    """
    stamps = {PRODUCTS: catalogue.generation.sums[TABLE]}
    for key in methods:
        stamps[key] = ""
        with suppress(SimilarityError):
            method = catalogue.resolve_method(key)
            stamps[key] = compute_stamp(catalogue.generation, method, catalogue.fingerprint)
    return stamps


def list_changes(catalogue: Catalogue, then: Fingerprint, now: Fingerprint) -> list[str]:
    """Return what differs between two times: the products, or the titles of methods.

    `now` is the fingerprint of all methods of the catalogue.
    """
    if now[PRODUCTS] != then.get(PRODUCTS):
        return ["the products"]  # which change every method's vectors, too
    registry = catalogue.registry
    return [
        registry[key].title if key in registry else key
        for key, stamp in then.items()
        if now.get(key, "") != stamp
    ]
