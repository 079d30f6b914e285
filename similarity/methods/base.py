"""What a method is: a record of facts, and a loader that gives the operation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

Vectors = npt.NDArray[np.float32]


Features = Callable[[Sequence[Image.Image]], Vectors]  # of RGB pictures: (n, backbone.dim)


@dataclass(frozen=True)
class Backbone:
    """A network from whose output several methods make their vectors.

    It is computed once for all of them, and handed to each.
    """

    key: str
    dim: int
    load: Callable[[], Features]  # imports what is heavy, when it is first called


@dataclass(frozen=True)
class Embedder:
    """A loaded method. Vectors are float32 of shape (n, dim), of any length but zero.

    `pictures` is given RGB pictures and what the method's backbone makes of them:
    (n, backbone.dim), or (n, 0) for a method that has none.
    """

    pictures: Callable[[Sequence[Image.Image], Vectors], Vectors]
    texts: Callable[[Sequence[str]], Vectors] | None = None


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
    """Where its authors publish a method's weights, and the operation that they make.

    `place` is a repository of the Hugging Face hub, of which `revision` is a commit, or an address
    that ends with /, whose file torch's hub cache keeps.
    """

    place: str
    revision: str
    files: Sequence[File]
    open: Callable[[Files], Embedder]

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


def no_pictures(pictures: Sequence[Image.Image], features: Vectors) -> Vectors:
    """The operation of a method whose pictures are another's: `Method.pictures_by`."""
    raise AssertionError("its pictures are another method's")


def unbound() -> Embedder:
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
    backbone: Backbone | None = None  # what its vectors are made from, where others' are too
    index: Literal["flat", "pixels"] = "flat"
    knows_colours: bool = False  # whether words for colours can be expected to work
    published: Published | None = None  # where weights are that do not come with the product
    at: Weights | None = None  # those of the published ones that it is bound to
    pictures_by: "Method | None" = None  # whose vectors of pictures it compares its texts with
    labels: str = ""  # what labels of products it was trained with, if any: figures must say so
