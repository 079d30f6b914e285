"""What a method is: a record of facts, and a loader that gives the operation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from similarity.errors import Remedy, SimilarityError, reason_of
from similarity.loading import load_once

Vectors = npt.NDArray[np.float32]
# what a network is shown of pictures: (n, side, side, 3), RGB from 0 to 255, uint8 or float32
Seen = npt.NDArray[Any]
Prepared = npt.NDArray[Any]  # what a method needs of pictures beside that: (n, …)
# one RGB picture, of any size: (side, side, 3) for a network, (…) for what a method needs beside it
Prepare = Callable[[Image.Image], npt.NDArray[Any]]


@dataclass(frozen=True)
class Backbone:
    """A network from whose output methods make their vectors.

    It is computed once for all methods that stand on it, and handed to each. How it runs is not
    its business: see similarity.inference.
    """

    key: str  # tells it from any other network, and from the same one with other weights
    dim: int
    side: int  # px
    mean: tuple[float, float, float]  # of red, green and blue from 0 to 255, as in training
    deviation: tuple[float, float, float]
    # Returns the function that resizes and crops pictures as its authors do, (side, side, 3), which
    # any thread may call. Imports and constructs what that function needs. Call it through
    # `load_preprocessing`.
    preprocessing: Callable[[], Prepare]
    # A torch module in evaluation mode: normalised (n, 3, side, side) to (n, dim). Imports what is
    # heavy when it is called.
    module: Callable[[], Any]
    by_towhee: bool = False  # run as a pipeline of towhee's, as the article's is
    rounded: bool = True  # whether it sees whole numbers, uint8; float32 if not


@dataclass(frozen=True)
class Embedder:
    """A loaded method. Vectors are float32 of shape (n, dim), of any length but zero.

    `pictures` is given what the method's preprocessing and its backbone make of pictures: (n, …)
    and (n, backbone.dim), each (n, 0) for a method that has none.
    """

    pictures: Callable[[Prepared, Vectors], Vectors]
    texts: Callable[[Sequence[str]], Vectors] | None = None


def as_seen(prepared: Prepared, features: Vectors) -> Vectors:
    """The vectors of a method that are its backbone's output as it is."""
    return features


Files = Mapping[str, Path]  # by the names of `Published.files`


@dataclass(frozen=True)
class File:
    """One published file: bytes, about; SHA-256 where it is known; other names that copies use."""

    name: str
    size: int
    sha256: str = ""
    others: Sequence[str] = ()


@dataclass(frozen=True)
class Published:
    """Where its authors publish a method's weights, and what is made of them.

    `place` is a repository of the Hugging Face hub, of which `revision` is a commit, or an address
    that ends with /, whose file torch's hub cache keeps.
    """

    place: str
    revision: str
    files: Sequence[File]
    open: Callable[[Files], Embedder] = lambda _: Embedder(as_seen)
    module: Callable[[Files], Any] | None = None  # of the method's backbone
    gate: str = ""  # the page where a licence has to be accepted before anything is given out

    @property
    def is_address(self) -> bool:
        """Whether it is an address, not a repository."""
        return "://" in self.place

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Weights:
    """Those that a method is bound to: the copy that a user named, or nothing for the library's
    cache, and one hash for all files."""

    copy: str
    sha256: str


def no_pictures(prepared: Prepared, features: Vectors) -> Vectors:
    """The operation of a method whose pictures are another's: `Method.pictures_by`."""
    raise AssertionError("its pictures are another method's")


def unbound() -> Any:
    """The loader of a method that is not yet bound to weights: see `similarity.methods.weights`."""
    raise AssertionError("bind it to its weights before it is loaded")


@dataclass(frozen=True)
class Method:
    """One way to turn a picture into a vector, and what people should know about it."""

    key: str  # in URLs, folders and on the command line
    title: str
    family: str
    summary: str  # one sentence: what it calls similar
    weights: str  # one sentence: exactly what its weights are and were trained on
    licence: str
    revision: str  # changes whenever the vectors do; an index of another revision is refused
    dim: int
    answers_text: bool
    load: Callable[[], Embedder]  # imports what is heavy; may take seconds
    backbone: Backbone | None = None  # the network that its vectors are made from
    # what its vectors are made from beside that, as `Backbone.preprocessing`
    preprocessing: Callable[[], Prepare] | None = None
    index: Literal["flat", "pixels"] = "flat"
    knows_colours: bool = False  # whether words for colours can be expected to work
    published: Published | None = None  # where weights are that do not come with the product
    at: Weights | None = None  # those of the published ones that it is bound to
    pictures_by: "Method | None" = None  # whose vectors of pictures it compares its texts with
    year: int = 0  # in which it was published, or what it follows; 0 if nobody says
    parameters: int = 0  # of all networks that it needs
    source: str = ""  # the page that says most about it, its authors' own where there is one
    package: str = ""  # the one that runs it, where others could do without: see `check_package`
    labels: str = ""  # what labels of products it was trained with, if any: figures must say so


def check_package(method: Method) -> None:
    """Import the package that a method cannot do without. Raises SimilarityError if that fails."""
    if method.package:
        try:
            import_module(method.package)
        except ImportError as error:
            raise SimilarityError(
                f"{method.title} needs the package {method.package}, which can't be imported here "
                f"({reason_of(error)}).",
                Remedy("install"),
            ) from error


@load_once(key=lambda of: (of.key, getattr(of, "revision", "")))
def load_preprocessing(of: Backbone | Method) -> Prepare:
    """Return the function that prepares pictures for a backbone, or for a method that needs more.

    Any number of threads may call it. It prepares one picture here, so that whatever a library
    imports on first use is imported before.
    """
    assert of.preprocessing is not None, f"{of.key} needs nothing of pictures"
    prepare = of.preprocessing()
    prepare(Image.new("RGB", (8, 8)))
    return prepare
