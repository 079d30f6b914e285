"""Make a method from the record of what a user brought, and load it when it is used."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from similarity.candidates import (
    python_code,
    with_open_clip,
    with_sentence_transformers,
    with_timm,
    with_transformers,
)
from similarity.candidates.files import (
    compute_folder_hash,
    find_folder,
    forbid_downloads,
    open_folder,
)
from similarity.candidates.library_model import LibraryModel
from similarity.candidates.specification import is_path
from similarity.errors import Remedy, SimilarityError, get_reason
from similarity.methods import METHODS, bind_weights
from similarity.methods.base import (
    Backbone,
    Embedder,
    Method,
    MethodInputs,
    Preprocess,
    Vectors,
    Weights,
    return_features,
)
from similarity.methods.candidate import FAMILY, NOT_STATED, Candidate
from similarity.methods.licences import read_terms
from similarity.networks import count_bytes

T = TypeVar("T")


@dataclass(frozen=True)
class Library:
    """A library that loads models: its package, its name on PyPI, and our module for it.

    The module has `find_repositories(name)`, `load(folder, name)`, and
    `make_preprocessing(folder, name)`; the name is empty for a model that a folder describes.
    """

    package: str
    distribution: str
    module: ModuleType


LIBRARIES: Mapping[str, Library] = {
    "timm": Library("timm", "timm", with_timm),
    "open_clip": Library("open_clip", "open_clip_torch", with_open_clip),
    "st": Library("sentence_transformers", "sentence-transformers", with_sentence_transformers),
    "hf": Library("transformers", "transformers", with_transformers),
}


def get_library(loader: str) -> Library:
    """Return a loader's library. Raises SimilarityError if it isn't installed."""
    library = LIBRARIES[loader]
    if importlib.util.find_spec(library.package) is None:
        raise SimilarityError(
            f"{loader}: needs the package {library.distribution}, which isn't installed. Install "
            f"it: pip install {library.distribution}"
        )
    return library


def describe_library(loader: str) -> str:
    """Return a loader's library with its installed version. Raises as `get_library`."""
    distribution = get_library(loader).distribution
    return f"{distribution} {version(distribution)}"


def make_method(candidate: Candidate) -> Method:
    """Return a candidate's method, which loads nothing before it is used.

    Raises SimilarityError if its texts belong to a method that doesn't exist.
    """
    text_method = _make_text_method(candidate)
    revision = f"{candidate.loader}-{candidate.library}-{candidate.sha256[:16]}".replace(" ", "-")
    if text_method:
        revision += f"-{text_method.revision}"
    backbone = None
    if candidate.side:
        suffix = "-torch" if candidate.runtime == "torch" else ""
        backbone = Backbone(
            key=f"{candidate.key}-{revision}{suffix}",
            dim=candidate.dim,
            side=candidate.side,
            mean=(0, 0, 0),  # its library normalises pictures
            deviation=(1, 1, 1),
            make_preprocessing=partial(_make_preprocessing, candidate),
            build_module=partial(_build_tower, candidate),
            takes_uint8=False,
            runs_on_openvino=candidate.runtime == "any",
        )
    is_by_library = not backbone and candidate.loader != "vectors"
    return Method(
        key=candidate.key,
        title=candidate.title,
        family=FAMILY,
        summary=candidate.summary or "A model that you added; what it matches is not stated.",
        weights=_describe_weights(candidate),
        licence=candidate.licence or NOT_STATED,
        terms=read_terms(candidate.licence),
        revision=revision,
        dim=candidate.dim,
        answers_text=candidate.answers_text or text_method is not None,
        load=partial(_load, candidate),
        backbone=backbone,
        make_preprocessing=(lambda: _wrap_picture) if is_by_library else None,
        texts_by=text_method,
        knows_colours=candidate.answers_text or text_method is not None,
        year=candidate.year,
        parameters=candidate.parameters,
        source=candidate.source,
        training_labels=candidate.training_labels,
        candidate=candidate,
    )


def load_model(candidate: Candidate) -> LibraryModel:
    """Load a candidate's model with its library, as it was when its index was built.

    Raises SimilarityError if it has changed or can't be loaded.
    """
    if candidate.loader in ("python", "plugin"):
        return python_code.load(candidate)
    library, folder = _check(candidate)
    return _call(candidate, lambda: library.module.load(folder, get_model_name(candidate)))


def get_model_name(candidate: Candidate) -> str:
    """Return what its library calls a candidate's model; empty for one in a folder."""
    target = candidate.specification.partition(":")[2]
    return "" if is_path(target) else target.partition("@")[0]


def _check(candidate: Candidate) -> tuple[Library, Path]:
    """Return the library and the folder of a model. Raises SimilarityError if they changed."""
    fetch = Remedy("fetch_model", methods=(candidate.specification,))
    if (library := describe_library(candidate.loader)) != candidate.library:
        raise SimilarityError(
            f"{candidate.title} was built with {candidate.library}, and here is {library}."
        )
    try:
        if candidate.commit:
            folder = find_folder(candidate.location, candidate.commit)
        else:
            folder = open_folder(candidate.location)
    except SimilarityError as error:
        remedies = [fetch] if candidate.commit else []
        raise SimilarityError(
            f"The model of {candidate.title} is missing: {error}", *remedies
        ) from error
    if compute_folder_hash(folder, candidate.loader) != candidate.sha256:
        raise SimilarityError(f"{candidate.title} was built with other files than '{folder}' has.")
    return get_library(candidate.loader), folder


def _call(candidate: Candidate, load: Callable[[], T]) -> T:
    try:
        with forbid_downloads():
            return load()
    except SimilarityError:
        raise
    except Exception as error:  # libraries raise anything for files that don't fit
        raise SimilarityError(
            f"'{candidate.title}' can't be loaded ({type(error).__name__}: {get_reason(error)})."
        ) from error


def _make_preprocessing(candidate: Candidate) -> Preprocess:
    library, folder = _check(candidate)
    name = get_model_name(candidate)
    return _call(candidate, lambda: library.module.make_preprocessing(folder, name))


def _build_tower(candidate: Candidate) -> Any:
    return load_model(candidate).tower


def _load(candidate: Candidate) -> Embedder:
    """Load what a method needs besides its network."""
    if candidate.loader == "vectors":
        raise SimilarityError(
            f"{candidate.title} has only the vectors of this catalogue's products, and no model "
            "for new pictures."
        )
    if candidate.side and not candidate.answers_text:
        return Embedder(return_features)
    model = load_model(candidate)
    size = count_bytes(model.module) if model.module is not None else 0
    if candidate.side:
        return Embedder(return_features, model.embed_texts, size)

    def embed(inputs: MethodInputs, features: Vectors) -> Vectors:
        return model.embed_pictures(list(inputs))

    return Embedder(embed, model.embed_texts, size)


def _wrap_picture(picture: Image.Image) -> MethodInputs:
    """Return an array of one object, for methods that take pictures as they are."""
    wrapped = np.empty((), object)
    wrapped[()] = picture
    return wrapped


def _make_text_method(candidate: Candidate) -> Method | None:
    if candidate.words:
        return make_method(candidate.words)
    if not candidate.words_key:
        return None
    if candidate.words_key not in METHODS:
        raise SimilarityError(f"there is no method '{candidate.words_key}' for its words")
    method = METHODS[candidate.words_key]
    if method.published:
        return bind_weights(method, Weights(candidate.words_copy, candidate.words_sha256))
    return method


def _describe_weights(candidate: Candidate) -> str:
    """Return which weights a candidate has, in a sentence or two."""
    digest = f"SHA-256 {candidate.sha256[:16]}…"
    match candidate.loader:
        case "vectors":
            line = f"Vectors from {Path(candidate.location).name}, computed elsewhere ({digest})."
        case "python" | "plugin":
            line = f"The code {candidate.specification} computes its vectors ({digest})."
        case _:
            place = candidate.location
            if candidate.commit:
                place += f", commit {candidate.commit[:12]}"
            line = f"{candidate.library} loads it from {place} ({digest})."
    return " ".join(filter(None, [candidate.weights, line, candidate.note]))
