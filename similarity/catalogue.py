"""Open a built catalogue and search it: a query in, a list of hits out."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from similarity.embedding import embed_query
from similarity.errors import Remedy, SimilarityError
from similarity.filters import Attributes, Selection, Where
from similarity.hits import Hit, collect_hits
from similarity.indexes import (
    Positions,
    Rows,
    Scores,
    VectorIndex,
    compute_fingerprint,
    get_row_kind,
)
from similarity.indexes.cache import IndexCache
from similarity.indexes.folding import Folding
from similarity.methods import Method, Vectors, find_method
from similarity.parts import Kind, Part, check_parts
from similarity.pictures.read import Reading, read_bytes, read_picture
from similarity.store.generations import CURRENT, Generation, read_pointer
from similarity.store.paths import (
    FACTS,
    choose_title,
    compute_product_id,
    get_thumbnail_path,
)
from similarity.store.table import RESERVED_COLUMNS, load_table
from similarity.threads import one_thread

THUMBNAIL_NOTE = "The original file is missing or has changed, so this is its thumbnail."


class Catalogue:
    """A built catalogue, opened for searching. Safe to share between threads.

    It reads the generation that was current when it was opened, even if a newer one is published
    meanwhile. Open the catalogue again to see the newer one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.name = self.folder.name
        try:
            self.generation = Generation(folder)
            self._products, facts = load_table(self.generation)
            if facts.source != self.generation.source:
                raise SimilarityError(f"{CURRENT} and {FACTS} name different sources")
        except (SimilarityError, OSError) as error:
            raise _describe_opening_error(folder, error) from error
        self.source = facts.source
        self.root = folder / facts.root  # the folder that product paths are relative to
        self.skipped = facts.skipped
        self.title = choose_title(facts.title, self.name)
        self._ids = self._products.index.to_numpy(
            dtype=object
        ).tolist()  # ten times as fast as list()
        self.fingerprint = compute_fingerprint(self._ids)
        names = [str(name) for name in self._products if name not in RESERVED_COLUMNS]
        self.attributes = Attributes(self._products, names)
        self._indexes = IndexCache(self.generation, self.fingerprint)

    @property
    def products(self) -> pd.DataFrame:
        """A copy of the table of products, indexed by product id."""
        return self._products.copy(deep=False)  # pandas copies the data only when it is written to

    @property
    def methods(self) -> list[str]:
        """Keys of the methods that have an index here, from the oldest family to the newest."""
        return self._indexes.keys

    def list_arguments(self) -> tuple[str, ...]:
        """Return what `--methods` takes for the methods that have an index here."""
        return tuple(self.registry[key].argument for key in self.methods)

    def is_current(self) -> bool:
        """Return whether this is still the newest published generation."""
        try:
            return read_pointer(self.folder) == self.generation.pointer
        except OSError:
            return False

    def resolve_method(self, key: str) -> Method:
        """Return a method as this catalogue uses it, with the weights of its index.

        Raises SimilarityError for an unknown method, and for a method with published weights that
        has no index here.
        """
        return self._indexes.resolve_method(key)

    def resolve_method_for_display(self, key: str) -> Method:
        """Return a method for display, even if its index is refused."""
        try:
            return self.resolve_method(key)
        except SimilarityError:
            return self.registry.get(key) or find_method(key)

    @property
    def registry(self) -> Mapping[str, Method]:
        """All methods by key, built here or not: the product's, and those that users brought."""
        return self._indexes.registry

    @property
    def usable_methods(self) -> list[Method]:
        """The methods that can embed queries here: all but published ones without a valid index."""
        built = set(self.methods) - set(self.list_stale_methods())
        return [
            self.resolve_method(key)
            for key, method in self.registry.items()
            if method.has_model and (not method.published or key in built)
        ]

    def list_stale_methods(self) -> list[str]:
        """List the keys of methods whose index doesn't match the products or the method."""
        return self._indexes.list_stale_methods()

    def open_index(self, method: Method) -> VectorIndex:
        """Return a method's index, opened once. Raises SimilarityError if it can't be opened."""
        return self._indexes.get_index(method)

    def measure_indexes(self) -> int:
        """Return the bytes of all indexes on this disk."""
        folder, paths = self.generation.folder, self.generation.sums.list_paths("indexes/")
        sizes = [(folder / path).stat().st_size for path in paths if (folder / path).is_file()]
        return sum(sizes)

    def read_thumbnail(self, product: str) -> bytes:
        """Return a product's thumbnail, a WebP file.

        Raises SimilarityError for an unknown product or a changed file.
        """
        self.find_position(product)
        try:
            return self.generation.read(get_thumbnail_path(product))
        except SimilarityError as error:
            remedy = Remedy("rebuild", self.folder, self.source, self.list_arguments())
            raise SimilarityError(f"{error}.", remedy) from error

    def read_picture(self, product: str) -> Image.Image:
        """Return a product's RGB picture as `read_with_note` does, without the note."""
        return self.read_with_note(product).picture

    def read_with_note(self, product: str) -> Reading:
        """Return a product's RGB picture, or its thumbnail if the file is missing or has changed.

        The note says so if it is the thumbnail. Raises SimilarityError for an unknown product, or
        if neither can be read.
        """
        self.find_position(product)
        try:
            content = read_bytes(self.root / self._products["path"][product])
            if compute_product_id(content) == product:
                return Reading(read_picture(content))
        except SimilarityError:
            pass
        return Reading(read_picture(self.read_thumbnail(product)), THUMBNAIL_NOTE)

    def find_position(self, product: str) -> int:
        """Return a product's row in the table and in every index.

        Raises SimilarityError for an unknown product.
        """
        try:
            return int(self._products.index.get_loc(product))
        except (KeyError, TypeError, pd.errors.InvalidIndexError):
            raise SimilarityError(
                f"'{self.name}' has no product '{product}': choose an id from its table."
            ) from None

    def search(
        self,
        method: str,
        *,
        product: str | None = None,
        image: Image.Image | Path | bytes | None = None,
        text: str | None = None,
        parts: Sequence[Part] | None = None,
        bridge: str | None = None,
        where: Where | None = None,
        unlike: Sequence[str] = (),
        fold_duplicates: bool = False,
        one_per: str | None = None,
        k: int = 10,
        exact: bool = False,
    ) -> list[Hit]:
        """Return the k products most similar to a query: a product's id, a picture or a text.

        A picture may be a PIL image, the path of a file or the content of a file. `parts` are
        several of them with weights; scores are then cosines with their weighted sum.

        `bridge` is a method that reads words for one that can't: its best result for each text
        stands in for that text.

        `where` limits the results by attributes, such as {"colour": ["red", "blue"], "price": (0,
        50)}: values, "" for products without one, or a range of numbers. In the attributes of
        `unlike`, results differ from the products that the query looks for.

        `fold_duplicates` shows one of several near-duplicates, which have a cosine of at least 0.95
        by every method. `one_per` is an attribute of which each value is shown once, and that of
        the query's products not at all. Hits then tell what else they stand for.

        Products in the query, and those that stand in for words, are left out of the results, so k
        equal to the catalogue's size returns fewer hits. Products with equal scores share a rank
        and keep catalogue order. Fewer than k are returned only if no more products fit.

        The index of a large catalogue is approximate: it finds the share of the true nearest
        neighbours that its `recall` states. `exact` compares every product and is slower in
        proportion to their number.

        Raises SimilarityError for an unknown method or product, a text for a method without text
        search, an empty text, a k outside 1 to the catalogue's size, parts that cancel each other
        out, an unknown attribute or value, and unless exactly one query is given.
        """
        if sum(query is not None for query in (product, image, text, parts)) != 1:
            raise SimilarityError("Give one query: a product, an image, a text or parts.")
        kinds: dict[Kind, Any] = {"product": product, "picture": image, "text": text}
        parts = parts or [Part(kind, value) for kind, value in kinds.items() if value is not None]
        check_parts(parts)
        if not 1 <= k <= len(self._ids):
            raise SimilarityError(
                f"k is {k}, but '{self.name}' has {len(self._ids)} products: "
                f"choose k from 1 to {len(self._ids)}."
            )
        resolved = self.resolve_method(method)
        self.open_index(resolved)  # fail early, before a model is loaded
        looked_for = [
            self.find_position(part.value)
            for part in parts
            if part.kind == "product" and part.weight > 0
        ]
        conditions = self.attributes.make_filter(where or {})
        conditions += self.attributes.differ_from(looked_for, [*unlike, *filter(None, [one_per])])
        folding = self.make_folding(fold_duplicates, one_per)
        if bridge is not None and not resolved.answers_text:
            parts = [self._replace_words(part, bridge) for part in parts]
        rows = [self._read_part(resolved, part) for part in parts]
        row = self.combine(resolved, rows, [part.weight for part in parts])
        products = [part.value for part in parts if part.kind == "product"]
        among = self.attributes.select(conditions)
        return self.find_nearest(resolved, row, k, exact, products, among, folding)

    def _replace_words(self, part: Part, bridge: str) -> Part:
        if part.kind != "text":
            return part
        (best,) = self.search(bridge, text=part.value, k=1)
        return replace(part, kind="product", value=best.product)

    def _read_part(self, method: Method, part: Part) -> Rows:
        if part.kind == "product":
            return self.read_row(method, part.value)
        if part.kind == "text":
            return self.encode_query(method, text=part.value)
        return self.encode_query(method, image=part.value)

    def read_row(self, method: Method, product: str) -> Rows:
        """Return a product's row. Raises SimilarityError as `search` does."""
        index, position = self.open_index(method), self.find_position(product)
        with self._indexes.translate_errors(method):
            return index.read_row(position)

    def combine(self, method: Method, rows: Sequence[Rows], weights: Sequence[float]) -> Rows:
        """Return the weighted sum of rows as `find_nearest` takes it.

        A single row that isn't pushed away is returned as it is. Raises SimilarityError if the rows
        cancel each other out.
        """
        if len(rows) == 1 and weights[0] > 0:
            return rows[0]
        return get_row_kind(method).combine(np.stack(rows), weights)

    def encode_query(
        self,
        method: Method,
        *,
        image: Image.Image | Path | bytes | None = None,
        text: str | None = None,
        features: Vectors | None = None,
    ) -> Rows:
        """Return the vector of a picture or text, in the form that the method's index searches.

        `features` are the picture's `backbone_features`, if they are already known. Raises
        SimilarityError as `search` does.
        """
        vector = embed_query(method, image=image, text=text, features=features)
        return get_row_kind(method).to_rows(vector)[0]

    def make_folding(self, duplicates: bool, one_per: str | None) -> Folding | None:
        """Return what shares one result, or None if nothing does. See `search`.

        Methods whose index can't be opened have no say in what is a near-duplicate.
        """
        if not duplicates and not one_per:
            return None
        indexes = []
        for key in self.methods if duplicates else ():
            with suppress(SimilarityError):
                indexes.append(self.open_index(self.resolve_method(key)))
        indexes.sort(key=lambda index: index.row_type is np.uint8)  # pixels last: they are large
        groups = self.attributes.get_values(one_per) if one_per else None
        return Folding(indexes, groups)

    def find_nearest(
        self,
        method: Method,
        row: Rows,
        k: int,
        exact: bool = False,
        leave_out: Sequence[str] = (),
        among: Selection | None = None,
        folding: Folding | None = None,
    ) -> list[Hit]:
        """Return the k products nearest to a row or combination, without some products.

        Raises SimilarityError if the method has no index, or for an unknown product.
        """
        index = self.open_index(method)
        search = index.search_exactly if exact else index.search
        first, *others = [self.find_position(product) for product in leave_out] or [-1]

        def search_index(count: int) -> tuple[Positions, Scores]:
            with one_thread():
                positions, scores = search(row, count + len(others), first, among)
            is_result = ~np.isin(positions, others)
            return positions[is_result][:count], scores[is_result][:count]

        with self._indexes.translate_errors(method):
            return collect_hits(search_index, self._ids, k, folding)


def _describe_opening_error(folder: Path, error: Exception) -> SimilarityError:
    """Return the error for a catalogue that can't be opened."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return SimilarityError(
            f"There is no built catalogue in '{folder}'.", Remedy("first", folder)
        )
    return SimilarityError(
        f"The catalogue '{folder.absolute().name}' in '{folder.absolute().parent}' is refused: "
        f"{error}.",
        Remedy("repair", folder),
    )
