"""Open a built catalogue and search it: a query in, a list of hits out."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from similarity.embedding import embed_query
from similarity.errors import Remedy, SimilarityError
from similarity.indexes import Rows, Scores, VectorIndex, fingerprint, index_class
from similarity.indexes.cache import IndexCache
from similarity.methods import METHODS, Method, Vectors, find_method
from similarity.pictures import read_bytes, read_picture
from similarity.store.generations import CURRENT, Generation, read_pointer
from similarity.store.paths import FACTS, NAME, catalogues_folder, product_id, thumbnail_path
from similarity.store.table import load
from similarity.threads import one_thread


class Hit(NamedTuple):
    """One answer: product is its id, score the cosine with the query.

    Rank counts from 1; products of equal score share the rank of the first of them. `tied` says
    that there are such products, also where only one of them is within the k that were asked for.
    """

    rank: int
    product: str
    score: float
    tied: bool = False


class Catalogue:
    """A built catalogue, opened for searching. Safe to share between threads.

    It is the generation that was the present one when it was opened, and stays that whatever is
    built meanwhile: open it again to see what is new.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.name = self.folder.name
        try:
            self.generation = Generation(folder)
            self._products, facts = load(self.generation)
            if facts.source != self.generation.source:
                raise SimilarityError(f"{CURRENT} and {FACTS} name different sources")
        except (SimilarityError, OSError) as error:
            raise _refused(folder, error) from error
        self.source = facts.source
        self.root = folder / facts.root  # the folder that the products' paths start from
        self.skipped = facts.skipped
        self._ids = self._products.index.to_numpy(dtype=object).tolist()  # ten times list()'s speed
        self.fingerprint = fingerprint(self._ids)
        self._indexes = IndexCache(self.generation, self.fingerprint)

    @property
    def products(self) -> pd.DataFrame:
        """The table of products, indexed by id: the caller's own, to change as they like."""
        return self._products.copy(deep=False)  # pandas copies what is written to, when it is

    @property
    def methods(self) -> list[str]:
        """Keys of the methods that have an index here, from the oldest family to the newest."""
        return self._indexes.keys

    def is_current(self) -> bool:
        """Whether no newer generation was published since this one was opened."""
        try:
            return read_pointer(self.folder) == self.generation.pointer
        except OSError:
            return False

    def method(self, key: str) -> Method:
        """A method as it embeds here: published weights are those that its index was made with.

        Raises SimilarityError for an unknown method, and for one with published weights that is
        not built here.
        """
        return self._indexes.method(key)

    def described(self, key: str) -> Method:
        """As `method`, for what is said of one; as the code has it where its index is refused."""
        try:
            return self.method(key)
        except SimilarityError:
            return find_method(key)

    @property
    def usable(self) -> list[Method]:
        """The methods that can embed here, as they do: all but published ones not built here."""
        built = set(self.methods) - set(self.stale_methods())
        return [self.method(k) for k, m in METHODS.items() if not m.published or k in built]

    def stale_methods(self) -> list[str]:
        """Those of `methods` whose index is not of these products or of the method as it is."""
        return self._indexes.stale()

    def index(self, method: Method) -> VectorIndex:
        """Return the opened index of a method. Raises SimilarityError if it can't be opened."""
        return self._indexes.index(method)

    def thumbnail(self, product: str) -> bytes:
        """The thumbnail, a WebP file. Raises SimilarityError if it is unknown or was changed."""
        self.position(product)
        try:
            return self.generation.read(thumbnail_path(product))
        except SimilarityError as error:
            remedy = Remedy("rebuild", self.folder, self.source, tuple(self.methods))
            raise SimilarityError(f"{error}.", remedy) from error

    def picture(self, product: str) -> Image.Image:
        """The product's RGB picture: its file, or the thumbnail where that is gone or another.

        Raises SimilarityError for an unknown product, or if neither can be read.
        """
        self.position(product)
        try:
            content = read_bytes(self.root / self._products["path"][product])
            if product_id(content) == product:
                return read_picture(content)
        except SimilarityError:
            pass
        return read_picture(self.thumbnail(product))

    def position(self, product: str) -> int:
        """A product's row in the table and in every index. Raises SimilarityError if unknown."""
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
        k: int = 10,
        exact: bool = False,
    ) -> list[Hit]:
        """The k products most similar to one query: a product's id, a picture or a text.

        A picture may be an opened one, a file's path or a file's content.

        A product as query is left out of its own answer, so k equal to the catalogue's size gives
        one hit fewer. Equal scores share a rank and stand in catalogue order.

        A large catalogue's index may miss some of the nearest, as often as its `recall` says;
        `exact` compares every product, which takes so much longer as there are more of them.

        Raises SimilarityError for an unknown method or product, a text for a method without
        words, an empty text, a k below 1 or larger than the catalogue, and for none or several
        queries at once.
        """
        if sum(query is not None for query in (product, image, text)) != 1:
            raise SimilarityError("Give one query: a product, an image or a text.")
        if not 1 <= k <= len(self._ids):
            raise SimilarityError(
                f"k is {k}, but '{self.name}' has {len(self._ids)} products: "
                f"choose k from 1 to {len(self._ids)}."
            )
        resolved = self.method(method)
        if product is not None:
            return self.neighbours(resolved, product, k, exact)
        self.index(resolved)  # before a model is loaded
        return self.nearest(resolved, self.query_row(resolved, image=image, text=text), k, exact)

    def query_row(
        self,
        method: Method,
        *,
        image: Image.Image | Path | bytes | None = None,
        text: str | None = None,
        features: Vectors | None = None,
    ) -> Rows:
        """What `search` looks for when it is given this picture or text. Raises as it does.

        `features` are the picture's `backbone_features`, where they are known already.
        """
        vector = embed_query(method, image=image, text=text, features=features)
        return index_class(method).rows(vector)[0]

    def neighbours(self, method: Method, product: str, k: int, exact: bool = False) -> list[Hit]:
        """The k products nearest to one of them, which is left out. Raises as `search` does."""
        index, position = self.index(method), self.position(product)
        with self._indexes.asking(method):
            return self._hits(index, index.row(position), k, position, exact)

    def nearest(self, method: Method, row: Rows, k: int, exact: bool = False) -> list[Hit]:
        """The k products nearest to a query_row. Raises SimilarityError if there is no index."""
        index = self.index(method)
        with self._indexes.asking(method):
            return self._hits(index, row, k, exact=exact)

    def found(self, method: Method, row: Rows, product: str, k: int) -> tuple[list[Hit], Hit]:
        """The k products nearest to a query_row, and where one of all stands among them.

        Every product is compared, whatever the index. Raises as `search` does.
        """
        self.position(product)
        wanted = k
        while True:
            wanted = min(wanted, len(self._ids))
            hits = self.nearest(method, row, wanted, exact=True)
            for hit in hits:
                if hit.product == product:
                    return hits[:k], hit
            assert wanted < len(self._ids), f"{product} is in no answer"
            wanted *= 8

    def _hits(
        self, index: VectorIndex, row: Rows, k: int, leave_out: int = -1, exact: bool = False
    ) -> list[Hit]:
        search = index.search_exactly if exact else index.search
        # one more than is asked for: whether the last one shares its score with the next
        with one_thread():
            positions, scores = search(row, k + 1, leave_out)
        ranks, tied = ranked(scores)
        return [
            Hit(rank, self._ids[position], score, shared)
            for rank, position, score, shared in zip(
                ranks[:k].tolist(), positions.tolist(), scores.tolist(), tied.tolist(), strict=False
            )
        ]


def ranked(scores: Scores) -> tuple[np.ndarray, np.ndarray]:
    """Ranks from 1 of scores in falling order, equal ones sharing the first's, and which are so."""
    new = np.append(True, scores[1:] != scores[:-1])[: len(scores)]  # not equal to the one before
    first = np.maximum.accumulate(np.where(new, np.arange(len(scores)), 0))
    return first + 1, ~new | np.append(~new[1:], False)[: len(scores)]


def _refused(folder: Path, error: Exception) -> SimilarityError:
    """What to tell of a catalogue that can't be opened."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return SimilarityError(
            f"There is no built catalogue in '{folder}'.", Remedy("first", folder)
        )
    return SimilarityError(
        f"The catalogue '{folder.absolute().name}' in '{folder.absolute().parent}' is refused: "
        f"{error}.",
        Remedy("repair", folder),
    )


def list_catalogues() -> list[str]:
    """Names of the built catalogues, the demo first."""
    folder = catalogues_folder()
    if not folder.is_dir():
        return []
    found = [p.parent.name for p in folder.glob(f"*/{CURRENT}") if NAME.fullmatch(p.parent.name)]
    return sorted(found, key=lambda name: (name != "demo", name))


def open_catalogue(name: str | Path) -> Catalogue:
    """Open a built catalogue by its name, or by the path of its folder.

    Raises SimilarityError that says what there is, or how to build it.
    """
    by_name = isinstance(name, str) and NAME.fullmatch(name)
    folder = catalogues_folder() / name if by_name else Path(name)
    if not (folder / CURRENT).is_file() and (there := list_catalogues()):
        raise SimilarityError(
            f"There is no built catalogue '{name}'; there are: {', '.join(there)}.",
            Remedy("other"),
        )
    return Catalogue(folder)
