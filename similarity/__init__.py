"""Compare what different image embeddings call similar.

>>> from similarity import open_catalogue
>>> catalogue = open_catalogue("demo")
>>> catalogue.search("pixels", product=catalogue.products.index[0], k=5)
"""

from similarity.errors import SimilarityError
from similarity.methods import METHODS
from similarity.search import Catalogue, Hit, list_catalogues, open_catalogue

__all__ = ["METHODS", "Catalogue", "Hit", "SimilarityError", "list_catalogues", "open_catalogue"]
