"""Open a built catalogue and search it: a query in, a list of hits out."""

import gc
import shlex
import threading
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from similarity.catalogue import (
    FACTS,
    NAME,
    catalogues_folder,
    load,
    thumbnail_path,
)
from similarity.errors import SimilarityError
from similarity.indexes import MANIFEST, VectorIndex, fingerprint, index_place, open_index
from similarity.methods import METHODS, Embedder, Method, Vectors, find_method
from similarity.pictures import as_rgb

LONGEST_TEXT = 1000  # characters; text models read a few hundred at most

_loading = threading.Lock()


class Hit(NamedTuple):
    """One answer: rank counts from 1, product is its id, score the cosine with the query."""

    rank: int
    product: str
    score: float


def embedder(method: Method) -> Embedder:
    """The loaded method, shared by all and loaded once, also when two ask at the same time."""
    with _loading:
        return _load(method.key)


@cache
def _load(key: str) -> Embedder:
    loaded = METHODS[key].load()
    # A model's libraries leave some million objects that live as long as the process. Streamlit
    # collects garbage after every run of a page, which would walk them all each time: 0.3 s.
    gc.collect()
    gc.freeze()
    return loaded


def embed_pictures(method: Method, pictures: list[Image.Image]) -> Vectors:
    """A method's vectors of RGB pictures, as it gives them: float32 (n, dim).

    Raises SimilarityError when they are not finite numbers of that shape.
    """
    return _checked(method, embedder(method).pictures(pictures), len(pictures))


def embed_texts(method: Method, texts: list[str]) -> Vectors:
    """A method's vectors of texts: float32 (n, dim). Raises SimilarityError if it has none."""
    if not method.answers_text:
        able = ", ".join(m.key for m in METHODS.values() if m.answers_text)
        raise SimilarityError(
            f"{method.title} compares pictures only and can't answer words. These can: {able}."
        )
    encode = embedder(method).texts
    assert encode is not None, f"{method.key} says that it answers texts"
    return _checked(method, encode(texts), len(texts))


def _checked(method: Method, vectors: Vectors, count: int) -> Vectors:
    if vectors.shape != (count, method.dim) or not np.isfinite(vectors).all():
        raise SimilarityError(
            f"{method.title} gave vectors of shape {vectors.shape} with "
            f"{int((~np.isfinite(vectors)).sum())} broken numbers, not ({count}, {method.dim})."
        )
    return np.ascontiguousarray(vectors, np.float32)


class Catalogue:
    """A built catalogue, opened for searching. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.products, facts = load(folder)
        self.name: str = facts["name"]
        self.source: str = facts["source"]
        self.root = Path(facts["root"])  # the folder that the products' paths start from
        self.skipped: int = facts["skipped"]
        self._fingerprint = fingerprint(self.products.index)
        self._positions = {product: i for i, product in enumerate(self.products.index)}
        self._indexes: dict[str, VectorIndex] = {}
        self._opening = threading.Lock()

    @property
    def methods(self) -> list[str]:
        """Keys of the methods that have an index here, from the oldest family to the newest."""
        return [
            key
            for key, method in METHODS.items()
            if (self.folder / index_place(method) / MANIFEST).is_file()
        ]

    def build_command(self, methods: str) -> str:
        """The command that builds this catalogue's indexes of methods ('a' or 'a,b')."""
        folder = self.folder.resolve()
        command = ["python", "-m", "precompute", "--catalogue", self.source]
        if (self.source, folder.name) != ("demo", "demo"):
            command += ["--name", folder.name]
        if folder.parent != catalogues_folder().resolve():
            command += ["--to", str(folder.parent)]
        return shlex.join([*command, "--methods", methods])

    def index(self, method: str) -> VectorIndex:
        """The opened index of a method. Raises SimilarityError with the command that builds it."""
        found = find_method(method)
        with self._opening:
            if method not in self._indexes:
                folder = self.folder / index_place(found)
                if not (folder / MANIFEST).is_file():
                    raise SimilarityError(
                        f"{found.title} is not built for '{self.name}', which has "
                        f"{', '.join(self.methods) or 'no methods'}. "
                        f"Build it: {self.build_command(method)}"
                    )
                try:
                    self._indexes[method] = open_index(folder, found, self._fingerprint)
                except SimilarityError as error:
                    raise SimilarityError(
                        f"The index of {found.title} for '{self.name}' is refused: {error}. "
                        f"Build it again: {self.build_command(method)}"
                    ) from error
            return self._indexes[method]

    def thumbnail(self, product: str) -> Path:
        """The thumbnail's file. Raises SimilarityError for an unknown product."""
        self.position(product)
        return thumbnail_path(self.folder, product)

    def picture(self, product: str) -> Image.Image:
        """The product's RGB picture: its file, or the thumbnail where the file is gone.

        Raises SimilarityError for an unknown product, or if neither can be read.
        """
        thumbnail = self.thumbnail(product)
        try:
            return as_rgb(self.root / self.products["path"][product])
        except SimilarityError:
            return as_rgb(thumbnail)

    def position(self, product: str) -> int:
        """A product's row in the table and in every index. Raises SimilarityError if unknown."""
        try:
            return self._positions[product]
        except (KeyError, TypeError):
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
    ) -> list[Hit]:
        """The k products most similar to one query: a product's id, a picture or a text.

        A picture may be an opened one, a file's path or a file's content.

        A product as query is left out of its own answer, so k equal to the catalogue's size gives
        one hit fewer. Equal scores stand in catalogue order. Raises SimilarityError for an
        unknown method or product, a text for a method without words, an empty text, a k below 1
        or larger than the catalogue, and for none or several queries at once.
        """
        found = find_method(method)
        if sum(query is not None for query in (product, image, text)) != 1:
            raise SimilarityError("Give one query: a product, an image or a text.")
        if not 1 <= k <= len(self.products):
            raise SimilarityError(
                f"k is {k}, but '{self.name}' has {len(self.products)} products: "
                f"choose k from 1 to {len(self.products)}."
            )
        index = self.index(method)
        leave_out = -1
        if product is not None:
            leave_out = self.position(product)
            row = index.row(leave_out)
        elif image is not None:
            row = index.rows(embed_pictures(found, [as_rgb(image)]))[0]
        else:
            row = index.rows(embed_texts(found, [clean_text(text or "")]))[0]
        positions, scores = index.search(row, k, leave_out)
        ids = self.products.index
        return [
            Hit(rank, ids[position], float(score))
            for rank, (position, score) in enumerate(zip(positions, scores, strict=True), 1)
        ]


def clean_text(text: str) -> str:
    """A text query without space around it. Raises SimilarityError if it is empty or too long."""
    text = text.encode("utf-8", "ignore").decode().strip()
    if not text:
        raise SimilarityError("The text is empty: write what you are looking for.")
    if len(text) > LONGEST_TEXT:
        raise SimilarityError(f"The text is longer than {LONGEST_TEXT} characters: shorten it.")
    return text


def list_catalogues() -> list[str]:
    """Names of the built catalogues, the demo first."""
    folder = catalogues_folder()
    if not folder.is_dir():
        return []
    found = [p.parent.name for p in folder.glob(f"*/{FACTS}") if NAME.fullmatch(p.parent.name)]
    return sorted(found, key=lambda name: (name != "demo", name))


def open_catalogue(name: str | Path) -> Catalogue:
    """Open a built catalogue by its name, or by the path of its folder.

    Raises SimilarityError that says what there is, or how to build it.
    """
    by_name = isinstance(name, str) and NAME.fullmatch(name)
    folder = catalogues_folder() / name if by_name else Path(name)
    if not (folder / FACTS).is_file() and (there := list_catalogues()):
        raise SimilarityError(
            f"There is no built catalogue '{name}'; there are: {', '.join(there)}. "
            "Build one: python -m precompute --catalogue FOLDER"
        )
    return Catalogue(folder)
