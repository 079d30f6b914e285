"""Find the queries and products that a file names."""

import hashlib
import re
from pathlib import Path, PurePosixPath

from similarity.catalogue import Catalogue
from similarity.embedding import clean_text
from similarity.errors import SimilarityError
from similarity.judgments.judgment import parse_query
from similarity.judgments.store import Judgments, Picture
from similarity.parts import Term
from similarity.pictures.read import read_bytes, read_picture
from similarity.store.paths import PRODUCT_ID

PICTURE = re.compile(r"\.(jpe?g|png|webp|gif|bmp|tiff?|avif|hei[cf])", re.IGNORECASE)
MAX_PICTURES = 1000  # of a file's queries


class UnknownError(SimilarityError):
    """A record names a product or a picture that isn't there."""


class Names:
    """What the names in a file mean: products of a catalogue, pictures beside the file, or texts.

    `pictures` has those that are queries, by their id.
    """

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self.pictures: dict[str, Picture] = {}
        self._folder = folder
        self._stored_pictures = Judgments(catalogue.folder).list_pictures()
        self._table = catalogue.products
        self._products = {path: product for product, path in self._table["path"].items()}
        self._products |= {product: product for product in self._table.index}
        self._columns = {"": self._products}
        self._queries: dict[str, Term] = {}

    def find_product(self, name: str, column: str = "") -> str:
        """Return the id of a product by its id or path, or by its value in a column.

        A column that the catalogue doesn't have is ignored. Raises UnknownError.
        """
        if column not in self._columns:
            self._columns[column] = self._index(column)
        product = self._columns[column].get(name) or self._products.get(name)
        if not product:
            raise UnknownError(f"there is no product '{name[:80]}'")
        return product

    def _index(self, column: str) -> dict[str, str]:
        """Return the products by their values in a column, those that are unique."""
        if column not in self._table:
            return {}
        values = self._table[column]
        unique = values[~values.duplicated(keep=False)]
        return {value: product for product, value in unique.items() if value}

    def find_query(self, name: str) -> Term:
        """Return the query that a name means: a product, a picture's path, or else a text.

        Raises UnknownError, and SimilarityError for an empty or too long text or a picture that
        can't be used.
        """
        if name not in self._queries:
            self._queries[name] = self._find_query(name)
        return self._queries[name]

    def _find_query(self, name: str) -> Term:
        query = parse_query(name) or Term("", name.strip())
        value = query.value
        if query.role == "text":
            return Term("text", clean_text(value))
        if query.role == "product" or (not query.role and self._is_product(value)):
            return Term("product", self.find_product(value))
        if query.role == "picture" or PICTURE.fullmatch(PurePosixPath(value).suffix):
            return Term("picture", self._add_picture(value))
        return Term("text", clean_text(value))

    def _is_product(self, value: str) -> bool:
        return value in self._products or bool(PRODUCT_ID.fullmatch(value))

    def _add_picture(self, name: str) -> str:
        """Return the id of a picture in the file's folder, and remember its content.

        The name may also be the id of a picture that was imported before.
        """
        if name in self._stored_pictures:
            return name
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise UnknownError(f"'{name[:80]}' is outside of the file's folder")
        if not path.is_file():
            raise UnknownError(f"there is no picture '{name[:80]}' beside the file")
        content = read_bytes(path)
        read_picture(content)
        key = hashlib.sha256(content).hexdigest()[:20]
        if len(self.pictures) >= MAX_PICTURES and key not in self.pictures:
            raise SimilarityError(f"there are more than {MAX_PICTURES:,} pictures")
        self.pictures[key] = Picture(name, content)
        return key
