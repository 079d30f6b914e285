"""Models of transformers, pooled as its pipelines for features and for texts do.

`get_image_features` and `get_text_features` of models that have both, otherwise the pooled output.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from similarity.candidates.library_model import (
    LibraryModel,
    embed_one_by_one,
    make_module,
    to_pixels,
)
from similarity.errors import SimilarityError
from similarity.methods.base import Preprocess, Vectors
from similarity.methods.texts import encode_in_batches

OFFLINE = {"local_files_only": True, "trust_remote_code": False}


def find_repositories(name: str) -> list[str]:
    """Return where a model is on the hub."""
    return [name]


def load(folder: Path, name: str) -> LibraryModel:
    """Load a model from a folder. Raises any exception if it isn't one with pooled pictures."""
    import torch
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    silence()
    AutoConfig.from_pretrained(folder, **OFFLINE)  # says best what an unknown model is
    processor = _load_processor(folder)
    model, loading = AutoModel.from_pretrained(
        folder, **OFFLINE, dtype=torch.float32, output_loading_info=True
    )
    if loading["missing_keys"]:
        raise SimilarityError(
            f"Its weights lack {sorted(loading['missing_keys'])[0]}, which would be random numbers."
        )
    model.eval()
    has_texts = hasattr(model, "get_image_features") and hasattr(model, "get_text_features")

    def compute(pictures: Any, **other_inputs: Any) -> Any:
        if has_texts:
            return _pool(model.get_image_features(pixel_values=pictures, **other_inputs))
        return _pool(model(pixel_values=pictures, **other_inputs))

    def embed(picture: Image.Image) -> Any:
        inputs = processor(picture, return_tensors="pt")
        return compute(inputs.pop("pixel_values"), **inputs)

    example = processor(Image.new("RGB", (64, 48), "white"), return_tensors="pt")
    needs_only_pixels = set(example) == {"pixel_values"}
    embed_texts = None
    if has_texts:
        tokenizer = AutoTokenizer.from_pretrained(folder, **OFFLINE)
        # as its pipeline for pictures and texts chooses
        settings: dict[str, Any] = {"padding": True, "truncation": True}
        if "siglip" in model.config.model_type:
            settings |= {"padding": "max_length", "max_length": 64}

        def encode(texts: Sequence[str]) -> Vectors:
            tokens = tokenizer(list(texts), return_tensors="pt", **settings)
            with torch.inference_mode():
                return _pool(model.get_text_features(**tokens)).numpy()

        embed_texts = encode_in_batches(encode)
    return LibraryModel(
        model,
        embed_one_by_one(embed),
        embed_texts=embed_texts,
        tower=make_module(compute, model) if needs_only_pixels else None,
        preprocess=make_preprocessing(folder, name) if needs_only_pixels else None,
    )


def make_preprocessing(folder: Path, name: str) -> Preprocess:
    """Return the model's preprocessing to (height, width, 3), without loading its weights."""
    processor = _load_processor(folder)
    return lambda picture: to_pixels(processor(picture, return_tensors="pt")["pixel_values"][0])


def silence() -> None:
    """Keep transformers' progress bars and warnings out of our own progress bars and logs."""
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()
    set_verbosity_error()


def _load_processor(folder: Path) -> Any:
    from transformers import AutoImageProcessor

    try:
        return AutoImageProcessor.from_pretrained(folder, **OFFLINE)
    except (OSError, ValueError) as error:
        raise SimilarityError("It takes no pictures: it has no image processor.") from error


def _pool(outputs: Any) -> Any:
    """Return a model's pooled output: (n, dim)."""
    pooled = outputs if hasattr(outputs, "flatten") else getattr(outputs, "pooler_output", None)
    if pooled is None:
        raise SimilarityError(
            "It has no pooled output, so nothing says what its vector is. Choose one in a Python "
            "file."
        )
    return pooled.flatten(1)
