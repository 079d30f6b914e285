"""What a method is: a record of facts, and a function that loads its embedder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from similarity.errors import Remedy, SimilarityError, get_reason
from similarity.loading import load_once
from similarity.methods.candidate import Candidate
from similarity.pictures import REVISION

Vectors = npt.NDArray[np.float32]
# inputs of a network: (n, side, side, 3), RGB from 0 to 255, uint8 or float32
NetworkInputs = npt.NDArray[Any]
MethodInputs = npt.NDArray[Any]  # what a method needs of pictures besides its network: (n, …)
# converts an RGB picture of any size to one of a network's or a method's inputs
Preprocess = Callable[[Image.Image], npt.NDArray[Any]]


class Framing(NamedTuple):
    """How preprocessing makes a square of a picture, if that is all that it does.

    It cuts out the largest square, squashes the whole picture, or resizes it so that its shorter
    side has `shorter` px and crops the centre, whose place `rounds` or is cut to whole px. `filter`
    is Pillow's.
    """

    mode: Literal["fit", "squash", "crop"]
    filter: Literal["BICUBIC", "BILINEAR"] = "BICUBIC"
    shorter: int = 0
    rounds: bool = False


class TextNetwork(NamedTuple):
    """What embeds texts without this product: a torch module, and what makes its inputs.

    `tokenizer` is one of the package tokenizers, with padding. The module takes its tokens (n, m),
    and their mask unless all texts have the same `length`, and returns vectors (n, dim).
    """

    module: Any
    tokenizer: Any
    length: int = 0


@dataclass(frozen=True)
class Backbone:
    """A network whose output methods compute their vectors from.

    The output is computed once for all methods that share the backbone. similarity.inference
    decides how the network runs.
    """

    key: str  # identifies the network and its weights
    dim: int
    side: int  # px
    mean: tuple[float, float, float]  # of red, green and blue from 0 to 255, as in training
    deviation: tuple[float, float, float]
    # Returns a thread-safe function that resizes and crops a picture as the authors do: (side,
    # side, 3). Imports and constructs what that function needs. Call it through
    # `load_preprocessing`.
    make_preprocessing: Callable[[], Preprocess]
    # Returns a torch module in evaluation mode: normalised (n, 3, side, side) to (n, dim). Imports
    # heavy libraries only when it is called.
    build_module: Callable[[], Any]
    uses_towhee: bool = False  # whether it runs as a towhee pipeline, as in the article
    takes_uint8: bool = True  # whether its inputs are uint8; otherwise float32
    runs_on_openvino: bool = True  # whether OpenVINO computes the same vectors as torch
    framing: Framing | None = None


@dataclass(frozen=True)
class Embedder:
    """A loaded method. Vectors are float32 of shape (n, dim), of any length but zero.

    `embed_pictures` takes what the method's preprocessing and its backbone compute from pictures:
    (n, …) and (n, backbone.dim), each (n, 0) for a method without one. `size` is the bytes of
    memory that its weights take, apart from networks that other methods can share.
    """

    embed_pictures: Callable[[MethodInputs, Vectors], Vectors]
    embed_texts: Callable[[Sequence[str]], Vectors] | None = None
    size: int = 0


def return_features(inputs: MethodInputs, features: Vectors) -> Vectors:
    """Return a backbone's output unchanged, for methods whose vectors it is."""
    return features


Files = Mapping[str, Path]  # by `File.name`
# what a licence of weights allows: anything, commercial use under conditions, or it isn't known
Terms = Literal["permissive", "conditional", "unknown"]


@dataclass(frozen=True)
class File:
    """A published file: approximate size in bytes, SHA-256 if known, names in other copies."""

    name: str
    size: int
    sha256: str = ""
    alternative_names: Sequence[str] = ()


@dataclass(frozen=True)
class Published:
    """Where a method's authors publish its weights, and how to load them.

    `location` is a repository of the Hugging Face hub with the commit `revision`, or a URL ending
    in / whose file torch's hub cache stores.
    """

    location: str
    revision: str
    files: Sequence[File]
    load_embedder: Callable[[Files], Embedder] = lambda _: Embedder(return_features)
    build_module: Callable[[Files], Any] | None = None  # of the method's backbone
    build_texts: Callable[[Files], TextNetwork] | None = None
    licence_page: str = ""  # where to accept a licence before downloading, if needed

    @property
    def is_url(self) -> bool:
        """Whether the location is a URL, not a repository."""
        return "://" in self.location

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Weights:
    """The published weights that a method is bound to.

    `copy` is the copy that a user named, or empty for the library's cache; `sha256` is one hash for
    all files.
    """

    copy: str
    sha256: str


def reject_pictures(inputs: MethodInputs, features: Vectors) -> Vectors:
    """Refuse to embed pictures, for methods whose pictures another method embeds."""
    raise AssertionError("another method embeds its pictures")


def reject_unbound() -> Any:
    """Refuse to load, for methods that aren't bound to weights yet.

    See `similarity.methods.weights`.
    """
    raise AssertionError("bind the method to weights before loading it")


@dataclass(frozen=True)
class Method:
    """One way to turn a picture into a vector, and what users should know about it."""

    key: str  # in URLs, folders and on the command line
    title: str
    family: str
    summary: str  # one sentence: what it considers similar
    weights: str  # one sentence: exactly which weights it uses and what they were trained on
    licence: str
    revision: str  # of its weights and preprocessing; changes whenever the vectors do
    dim: int
    answers_text: bool
    load: Callable[[], Embedder]  # imports heavy libraries; may take seconds
    backbone: Backbone | None = None  # the network that its vectors are computed from
    # of what its vectors are computed from besides the backbone, as for `Backbone`
    make_preprocessing: Callable[[], Preprocess] | None = None
    index: Literal["flat", "pixels"] = "flat"
    knows_colours: bool = False  # whether colour words in text queries can be expected to work
    # where its weights are published, unless they come with the product
    published: Published | None = None
    bound_weights: Weights | None = None  # the published weights that it is bound to
    # the method whose picture vectors its texts are compared with
    pictures_by: "Method | None" = None
    year: int = 0  # of publication, of the method or what it follows; 0 if unknown
    parameters: int = 0  # of all networks that it needs
    source: str = ""  # the page that describes it best, the authors' own if there is one
    package: str = ""  # the package that runs it, if it can't do without: see `check_package`
    # product labels it was trained with, if any; figures must mention them
    training_labels: str = ""
    candidate: Candidate | None = None  # its record, if a user brought it
    # the method that embeds texts in the space of its vectors, if it doesn't itself
    texts_by: "Method | None" = None
    terms: Terms = "unknown"  # what `licence` allows
    languages: int = 1  # of texts that it was trained with, if it reads any
    # What computes its vectors without this product, see similarity.handover: a torch module from
    # the backbone's output (n, d), and what preprocessing adds (n, …), to vectors (n, dim); None if
    # the output is the vectors.
    build_head: Callable[[], Any] | None = None
    build_texts: Callable[[], TextNetwork] | None = None

    @property
    def argument(self) -> str:
        """What `--methods` takes for it."""
        return self.candidate.argument if self.candidate else self.key

    @property
    def has_model(self) -> bool:
        """Whether new pictures can be embedded; not if a user brought only vectors."""
        return self.candidate is None or self.candidate.loader != "vectors"

    @property
    def vectors_revision(self) -> str:
        """The revision of its vectors, which depend on how pictures are read, too.

        Indexes and measures of other revisions are refused.
        """
        return f"read{REVISION}-{self.revision}"


def check_package(method: Method) -> None:
    """Import the package that a method depends on. Raises SimilarityError if that fails."""
    if method.package:
        try:
            import_module(method.package)
        except ImportError as error:
            raise SimilarityError(
                f"{method.title} needs the package {method.package}, which can't be imported here "
                f"({get_reason(error)}).",
                Remedy("install"),
            ) from error


@load_once(key=lambda owner: (owner.key, getattr(owner, "revision", "")))
def load_preprocessing(owner: Backbone | Method) -> Preprocess:
    """Return the function that preprocesses a picture for a backbone or a method.

    The function is thread-safe. It processes one picture here, so that libraries import everything
    before it is used in threads.
    """
    assert owner.make_preprocessing is not None, f"{owner.key} has no preprocessing"
    preprocess = owner.make_preprocessing()
    preprocess(Image.new("RGB", (8, 8)))
    return preprocess
