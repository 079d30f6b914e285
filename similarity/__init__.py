"""Compare what different image embeddings call similar.

>>> from similarity import open_catalogue
>>> catalogue = open_catalogue("demo")
>>> catalogue.search("pixels", product=catalogue.products.index[0], k=5)

Failures that a user can fix raise SimilarityError; `similarity.commands.explain_error` adds the
command that fixes them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from similarity.catalogue import Catalogue
    from similarity.catalogues import list_catalogues, open_catalogue
    from similarity.errors import SimilarityError
    from similarity.filters import read_where
    from similarity.hits import Hit
    from similarity.methods import METHODS
    from similarity.parts import Part, read_link

__all__ = [
    "METHODS",
    "Catalogue",
    "Hit",
    "Part",
    "SimilarityError",
    "list_catalogues",
    "open_catalogue",
    "read_link",
    "read_where",
]

MODULES = {
    "Hit": "similarity.hits",
    "METHODS": "similarity.methods",
    "Part": "similarity.parts",
    "SimilarityError": "similarity.errors",
    "list_catalogues": "similarity.catalogues",
    "open_catalogue": "similarity.catalogues",
    "read_link": "similarity.parts",
    "read_where": "similarity.filters",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first access, because pandas and FAISS take a second to import."""
    if name not in __all__:
        raise AttributeError(f"module 'similarity' has no attribute '{name}'")
    return getattr(import_module(MODULES.get(name, "similarity.catalogue")), name)
