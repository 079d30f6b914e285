"""Models of sentence-transformers: `encode` of pictures and of texts."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from similarity.candidates.library_model import LibraryModel, make_module, to_pixels
from similarity.candidates.with_transformers import silence
from similarity.errors import SimilarityError
from similarity.methods.base import Preprocess, Vectors

ORGANISATION = "sentence-transformers"  # of names without one
BATCH_SIZE = 8


def find_repositories(name: str) -> list[str]:
    """Return where a model is on the hub."""
    return [name if "/" in name else f"{ORGANISATION}/{name}"]


def load(folder: Path, name: str) -> LibraryModel:
    """Load a model from a folder. Raises any exception if it takes no pictures."""
    model = _load_model(folder)
    if not model.supports("image"):
        raise SimilarityError("It takes no pictures, only texts.")

    def embed(pictures: Sequence[Image.Image]) -> Vectors:
        vectors = model.encode(list(pictures), batch_size=BATCH_SIZE, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    def embed_texts(texts: Sequence[str]) -> Vectors:
        from sentence_transformers.base.modality import infer_modality

        # `encode` would open a text that is the path or address of a picture
        if any(infer_modality(text) != "text" for text in texts):
            raise SimilarityError("This method can't read this text, which looks like a file name.")
        vectors = model.encode(list(texts), batch_size=BATCH_SIZE, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    inputs = model.preprocess([Image.new("RGB", (64, 48), "white")])
    tensors = {key for key, value in inputs.items() if hasattr(value, "shape")}
    settings = {key: value for key, value in inputs.items() if isinstance(value, str)}
    needs_only_pixels = tensors == {"pixel_values"} and len(settings) == len(inputs) - 1

    def compute(pictures: Any) -> Any:
        return model({"pixel_values": pictures, **settings})["sentence_embedding"]

    return LibraryModel(
        model,
        embed,
        embed_texts=embed_texts if model.supports("text") else None,
        tower=make_module(compute, model) if needs_only_pixels else None,
        preprocess=_prepare_by(model) if needs_only_pixels else None,
    )


def make_preprocessing(folder: Path, name: str) -> Preprocess:
    """Return the model's preprocessing to (height, width, 3), without keeping its weights."""
    return _prepare_by(_load_model(folder).to("meta"))


def _load_model(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    silence()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    return SentenceTransformer(str(folder), local_files_only=True, trust_remote_code=False)


def _prepare_by(model: Any) -> Preprocess:
    return lambda picture: to_pixels(model.preprocess([picture])["pixel_values"][0])
