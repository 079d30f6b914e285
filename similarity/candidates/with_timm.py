"""Models of timm, as on its page on feature extraction: without a head, pooled."""

from pathlib import Path
from typing import Any

from similarity.candidates.files import is_weights, list_files
from similarity.candidates.library_model import LibraryModel, embed_one_by_one, to_pixels
from similarity.errors import SimilarityError
from similarity.methods.base import Preprocess


def find_repositories(name: str) -> list[str]:
    """Return where a model's weights are on the hub. Raises SimilarityError if nowhere."""
    import timm

    try:
        settings = timm.get_pretrained_cfg(name, allow_unregistered=False)
    except RuntimeError as error:
        raise SimilarityError(f"timm has no model '{name}'.") from error
    if settings is None or not settings.hf_hub_id:
        raise SimilarityError(f"timm has no weights of '{name}' on the hub.")
    return [settings.hf_hub_id]


def load(folder: Path, name: str) -> LibraryModel:
    """Load a model by its name with the weights in a folder, or all of it from the folder.

    Raises any exception if they don't fit.
    """
    model = _create(folder, name, with_weights=True)
    transform = _make_transform(model)
    return LibraryModel(
        model,
        embed_one_by_one(lambda picture: model(transform(picture)[None])),
        tower=model,
        preprocess=lambda picture: to_pixels(transform(picture)),
        licence=model.pretrained_cfg.get("license") or "",
    )


def make_preprocessing(folder: Path, name: str) -> Preprocess:
    """Return the model's preprocessing to (height, width, 3), without loading its weights."""
    import torch

    with torch.device("meta"):
        model = _create(folder, name, with_weights=False)
    transform = _make_transform(model)
    return lambda picture: to_pixels(transform(picture))


def _create(folder: Path, name: str, with_weights: bool) -> Any:
    import timm

    if not name:
        model = timm.create_model(f"local-dir:{folder}", pretrained=with_weights, num_classes=0)
    else:
        weights = [path for path in list_files(folder, "timm") if is_weights(path.name)]
        preferred = [path for path in weights if path.stem in ("model", "pytorch_model")]
        overlay = {"file": str((preferred or weights)[0])} if with_weights else None
        model = timm.create_model(
            name, pretrained=with_weights, pretrained_cfg_overlay=overlay, num_classes=0
        )
    return model.eval()


def _make_transform(model: Any) -> Any:
    from timm.data import create_transform, resolve_model_data_config

    return create_transform(**resolve_model_data_config(model), is_training=False)
