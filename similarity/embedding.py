"""From pictures and texts to vectors: one query of a page, or a batch of a build."""

from pathlib import Path

import numpy as np
from PIL import Image

from similarity import inference
from similarity.errors import SimilarityError
from similarity.loading import freeze_gc, load_once
from similarity.methods import METHODS, Embedder, Method, Prepared, Vectors
from similarity.methods.base import check_package, load_preprocessing
from similarity.pictures import as_rgb
from similarity.threads import one_thread

LONGEST_TEXT = 1000  # characters; text models read a few hundred at most


@load_once(key=lambda method: (method.key, method.revision))
def embedder(method: Method) -> Embedder:
    """The loaded method, shared by all and loaded once, also when two ask at the same time."""
    check_package(method)
    loaded = method.load()
    freeze_gc()
    return loaded


@load_once(key=lambda method: (method.key, method.revision))
def ready(method: Method) -> None:
    """Load whatever embedding pictures needs, once. Raises SimilarityError if it can't be."""
    embedder(method)
    if method.backbone:
        inference.network(method.backbone, threads=1)
    # what a method only loads for its first picture
    any_features = np.ones((1, method.backbone.dim if method.backbone else 0), np.float32)
    embed_prepared(method, prepared(method, [Image.new("RGB", (8, 8))]), any_features)


def backbone_features(method: Method, pictures: list[Image.Image]) -> Vectors:
    """What a method's backbone makes of RGB pictures: (n, backbone.dim); (n, 0) without one.

    In one thread, as a query's: a build asks similarity.inference itself.
    """
    if method.pictures_by:
        return backbone_features(method.pictures_by, pictures)
    if method.backbone is None:
        return np.empty((len(pictures), 0), np.float32)
    return inference.features(method.backbone, pictures, threads=1)


def prepared(method: Method, pictures: list[Image.Image]) -> Prepared:
    """What a method needs of RGB pictures beside its backbone's output: (n, …), or (n, 0)."""
    if method.preprocessing is None or not pictures:
        return np.empty((len(pictures), 0), np.float32)
    prepare = load_preprocessing(method)
    return np.stack([prepare(picture) for picture in pictures])


def embed_pictures(
    method: Method, pictures: list[Image.Image], features: Vectors | None = None
) -> Vectors:
    """A method's vectors of RGB pictures, as it gives them: float32 (n, dim).

    `features` are the pictures' backbone_features, computed here if they are not given.
    Raises SimilarityError when the vectors are not finite numbers of that shape.
    """
    if method.pictures_by:
        return embed_pictures(method.pictures_by, pictures, features)
    embedder(method)
    if features is None:
        features = backbone_features(method, pictures)
    return embed_prepared(method, prepared(method, pictures), features)


def embed_prepared(method: Method, own: Prepared, features: Vectors) -> Vectors:
    """As embed_pictures, of what `prepared` and `backbone_features` made of n pictures."""
    return _checked(method, embedder(method).pictures(own, features), len(own))


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


def embed_query(
    method: Method,
    *,
    image: Image.Image | Path | bytes | None = None,
    text: str | None = None,
    features: Vectors | None = None,
) -> Vectors:
    """A method's vector of one picture, or of one text: float32 (1, dim).

    `features` are the picture's `backbone_features`, where they are known already.
    Raises SimilarityError for a picture that can't be read, a text for a method without words, and
    an empty text.
    """
    given = as_rgb(image) if image is not None else clean_text(text or "")
    # loading is not the query's, and may use all cores
    if not isinstance(given, str):
        ready(method.pictures_by or method)
    elif method.answers_text:
        embedder(method)
    with one_thread():
        if isinstance(given, str):
            return embed_texts(method, [given])
        return embed_pictures(method, [given], features)


def clean_text(text: str) -> str:
    """A text query without space around it. Raises SimilarityError if it is empty or too long."""
    text = text.encode("utf-8", "ignore").decode().strip()
    if not text:
        raise SimilarityError("The text is empty: write what you are looking for.")
    if len(text) > LONGEST_TEXT:
        raise SimilarityError(f"The text is longer than {LONGEST_TEXT} characters: shorten it.")
    return text
