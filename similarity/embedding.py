"""Embed pictures and texts: single queries of pages and batches of builds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from PIL import Image

from similarity import inference
from similarity.errors import SimilarityError
from similarity.loading import load_once
from similarity.methods import METHODS, Embedder, Method, MethodInputs, Vectors
from similarity.methods.base import check_package, load_preprocessing
from similarity.networks import Loaded, load_for, networks
from similarity.pictures.read import load_rgb
from similarity.threads import one_thread

LONGEST_TEXT = 1000  # characters; text models read at most a few hundred


@contextmanager
def use_embedder(method: Method) -> Iterator[Embedder]:
    """Yield a loaded method, which stays loaded meanwhile.

    It is loaded once for all callers and threads. Raises SimilarityError if it can't be loaded.
    """

    def load() -> Loaded[Embedder]:
        check_package(method)
        embedder = method.load()
        return Loaded(embedder, embedder.size)

    with (
        load_for(method.title),
        networks.use(f"{method.key} {method.revision}", load) as embedder,
    ):
        yield embedder


def load_embedder(method: Method) -> None:
    """Load a method unless it is loaded. Raises SimilarityError if it can't be loaded."""
    with use_embedder(method):
        pass


def prepare_for_pictures(method: Method) -> None:
    """Load everything that embedding a picture needs, unless it is loaded.

    Raises SimilarityError if something can't be loaded.
    """
    load_embedder(method)
    if method.backbone:
        with load_for(method.title):
            inference.load_network(method.backbone, threads=1)
    _embed_first_picture(method)


@load_once(key=lambda method: (method.key, method.revision))
def _embed_first_picture(method: Method) -> None:
    """Embed a picture, because some libraries load the rest with the first one."""
    any_features = np.ones((1, method.backbone.dim if method.backbone else 0), np.float32)
    embed_preprocessed(method, preprocess(method, [Image.new("RGB", (8, 8))]), any_features)


def compute_backbone_features(method: Method, pictures: list[Image.Image]) -> Vectors:
    """Return the outputs of a method's backbone for RGB pictures: (n, backbone.dim).

    The result is (n, 0) for a method without a backbone. Runs in one thread, as queries do; builds
    call similarity.inference directly.
    """
    if method.pictures_by:
        return compute_backbone_features(method.pictures_by, pictures)
    if method.backbone is None:
        return np.empty((len(pictures), 0), np.float32)
    with load_for(method.title):
        return inference.compute_features(method.backbone, pictures, threads=1)


def preprocess(method: Method, pictures: list[Image.Image]) -> MethodInputs:
    """Return what a method computes from RGB pictures besides backbone features.

    The shape is (n, …), or (n, 0) if it needs nothing else.
    """
    if method.make_preprocessing is None or not pictures:
        return np.empty((len(pictures), 0), np.float32)
    transform = load_preprocessing(method)
    return np.stack([transform(picture) for picture in pictures])


def embed_pictures(
    method: Method, pictures: list[Image.Image], features: Vectors | None = None
) -> Vectors:
    """Return a method's vectors of RGB pictures, not normalised: float32 (n, dim).

    `features` are the pictures' backbone features, computed here unless given. Raises
    SimilarityError if the vectors have another shape or are not finite.
    """
    if method.pictures_by:
        return embed_pictures(method.pictures_by, pictures, features)
    load_embedder(method)
    if features is None:
        features = compute_backbone_features(method, pictures)
    return embed_preprocessed(method, preprocess(method, pictures), features)


def embed_preprocessed(method: Method, inputs: MethodInputs, features: Vectors) -> Vectors:
    """Return vectors as `embed_pictures` does, from preprocessed pictures and backbone features."""
    with use_embedder(method) as embedder:
        return _validate(method, embedder.embed_pictures(inputs, features), len(inputs))


def embed_texts(method: Method, texts: list[str]) -> Vectors:
    """Return a method's vectors of texts: float32 (n, dim).

    Raises SimilarityError if the method has no text search.
    """
    if not method.answers_text:
        suitable = ", ".join(m.key for m in METHODS.values() if m.answers_text)
        raise SimilarityError(
            f"{method.title} can't search by text. These methods can: {suitable}."
        )
    if method.texts_by:
        return _validate(method, embed_texts(method.texts_by, texts), len(texts))
    with use_embedder(method) as embedder:
        assert embedder.embed_texts is not None, f"{method.key} has no text encoder"
        return _validate(method, embedder.embed_texts(texts), len(texts))


def embed_readable_texts(method: Method, texts: Sequence[str]) -> tuple[list[int], Vectors]:
    """Return the positions of the texts that a method can read, and their vectors.

    The vectors are float32 (n, dim). Raises SimilarityError if the method has no text search.
    """
    # even without texts: a method that can't be loaded raises here
    load_embedder(method.texts_by or method)
    if texts:
        try:
            return list(range(len(texts))), embed_texts(method, list(texts))
        except SimilarityError:  # at least one of them is unreadable
            if not method.answers_text:
                raise
    readable, vectors = [], [np.empty((0, method.dim), np.float32)]
    for position, text in enumerate(texts):
        with suppress(SimilarityError):
            vectors.append(embed_texts(method, [text]))
            readable.append(position)
    return readable, np.concatenate(vectors)


def _validate(method: Method, vectors: Vectors, count: int) -> Vectors:
    if vectors.shape != (count, method.dim) or not np.isfinite(vectors).all():
        raise SimilarityError(
            f"{method.title} returned vectors of shape {vectors.shape} with "
            f"{int((~np.isfinite(vectors)).sum())} infinite or missing values, not "
            f"({count}, {method.dim})."
        )
    return np.ascontiguousarray(vectors, np.float32)


def embed_query(
    method: Method,
    *,
    image: Image.Image | Path | bytes | None = None,
    text: str | None = None,
    features: Vectors | None = None,
) -> Vectors:
    """Return a method's vector of one picture or one text: float32 (1, dim).

    `features` are the picture's backbone features, if they are already known. Raises
    SimilarityError for an unreadable picture, an empty text, and a text for a method without text
    search.
    """
    query = load_rgb(image) if image is not None else clean_text(text or "")
    # loading is not part of the query and may use all cores
    if not isinstance(query, str):
        prepare_for_pictures(method.pictures_by or method)
    elif method.answers_text:
        load_embedder(method.texts_by or method)
    with one_thread():
        if isinstance(query, str):
            return embed_texts(method, [query])
        return embed_pictures(method, [query], features)


def clean_text(text: str) -> str:
    """Return a text query without surrounding whitespace.

    Raises SimilarityError if it is empty or too long.
    """
    text = text.encode("utf-8", "ignore").decode().strip()
    if not text:
        raise SimilarityError("The text is empty. Describe what you are looking for.")
    if len(text) > LONGEST_TEXT:
        raise SimilarityError(f"The text is longer than {LONGEST_TEXT} characters. Shorten it.")
    return text
