"""What a method is: a record of facts, and a loader that gives the operation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    labels: str = ""  # what labels of products it was trained with, if any: figures must say so
