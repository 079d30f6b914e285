"""Models of open_clip, as in its README: `encode_image`, `encode_text` and its tokenizer."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from similarity.candidates.files import is_weights, list_files
from similarity.candidates.library_model import (
    LibraryModel,
    embed_one_by_one,
    make_module,
    to_pixels,
)
from similarity.errors import SimilarityError
from similarity.methods.base import Preprocess, Vectors
from similarity.methods.texts import encode_in_batches

HUB = "hf-hub:"
SETTINGS = "open_clip_config.json"


def find_repositories(name: str) -> list[str]:
    """Return where a model's weights, and its tokenizer if it is elsewhere, are on the hub.

    `name` is NETWORK/DATA as in the library's table, or hf-hub:ORGANISATION/NAME. Raises
    SimilarityError if there are none.
    """
    if name.startswith(HUB):
        return [name.removeprefix(HUB)]
    settings = _find_settings(name)
    repository = settings["hf_hub"].strip("/")
    if not repository or repository.count("/") > 1:
        raise SimilarityError(f"open_clip has no weights of '{name}' on the hub.")
    tokenizer = _read_network(name)["text_cfg"].get("hf_tokenizer_name", "")
    return [repository] if tokenizer in ("", repository) else [repository, tokenizer]


def load(folder: Path, name: str) -> LibraryModel:
    """Load a model by its name with the weights in a folder, or all of it from the folder.

    Raises any exception if they don't fit.
    """
    import open_clip
    import torch
    from open_clip.transform import PreprocessCfg, image_transform_v2

    if _is_in_table(name):
        network, _, _ = name.partition("/")
        settings = _find_settings(name)
        weights = [path for path in list_files(folder, "open_clip") if is_weights(path.name)]
        model: Any = open_clip.create_model(
            network, pretrained=str(weights[0]), force_preprocess_cfg=settings
        )
    else:
        network = f"local-dir:{folder}"
        model = open_clip.create_model(network, require_pretrained=True)
    model.eval()
    transform = image_transform_v2(PreprocessCfg(**model.visual.preprocess_cfg), is_train=False)
    tokenize = open_clip.get_tokenizer(network)

    def encode(texts: Sequence[str]) -> Vectors:
        with torch.inference_mode():
            return model.encode_text(tokenize(list(texts))).float().numpy()

    return LibraryModel(
        model,
        embed_one_by_one(lambda picture: model.encode_image(transform(picture)[None])),
        embed_texts=encode_in_batches(encode),
        tower=make_module(model.encode_image, model),
        preprocess=lambda picture: to_pixels(transform(picture)),
    )


def make_preprocessing(folder: Path, name: str) -> Preprocess:
    """Return the model's preprocessing to (height, width, 3), without loading its weights."""
    from open_clip.transform import PreprocessCfg, image_transform_v2, merge_preprocess_dict

    if _is_in_table(name):
        network, settings = _read_network(name), _find_settings(name)
    else:
        content = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        network, settings = content["model_cfg"], content.get("preprocess_cfg", {})
    merged = merge_preprocess_dict(asdict(PreprocessCfg()), settings)
    merged["size"] = network["vision_cfg"]["image_size"]
    if _is_in_table(name):
        merged = merge_preprocess_dict(merged, settings)
    transform = image_transform_v2(PreprocessCfg(**merged), is_train=False)
    return lambda picture: to_pixels(transform(picture))


def _is_in_table(name: str) -> bool:
    return bool(name) and not name.startswith(HUB)


def _read_network(name: str) -> dict[str, Any]:
    import open_clip

    settings = open_clip.get_model_config(name.partition("/")[0])
    if settings is None:
        raise SimilarityError(f"open_clip has no network '{name.partition('/')[0]}'.")
    return settings


def _find_settings(name: str) -> dict[str, Any]:
    """Return what the library's table says of a model's weights."""
    import open_clip

    network, _, data = name.partition("/")
    is_quick = bool(_read_network(name).get("quick_gelu", False))
    settings = open_clip.get_pretrained_cfg(network, data)
    if not settings:
        raise SimilarityError(
            f"open_clip has no weights '{data}' of '{network}'. It has: "
            f"{', '.join(open_clip.list_pretrained_tags_by_model(network)) or 'none'}."
        )
    if is_quick != bool(settings.get("quick_gelu", False)):
        # open_clip only warns, and its vectors are wrong then
        other = network.removesuffix("-quickgelu") if is_quick else f"{network}-quickgelu"
        raise SimilarityError(
            f"The weights '{data}' belong to the network '{other}', which has another activation: "
            f"write open_clip:{other}/{data}."
        )
    return {"hf_hub": "", **settings}
