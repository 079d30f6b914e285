"""Models of open_clip by their built-in names, with weights read as tensors only.

The settings are those that the library ships. A repository's `open_clip_config.json` and remote
code are not read.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from similarity.methods.base import (
    Backbone,
    Embedder,
    Framing,
    NetworkInputs,
    Vectors,
    reject_unbound,
    return_features,
)
from similarity.methods.tensors import read_tensors
from similarity.methods.texts import check_readable, encode_in_batches
from similarity.networks import count_bytes

WEIGHTS, OLDER_WEIGHTS = "open_clip_model.safetensors", "open_clip_pytorch_model.bin"

Tokenize = Callable[[Sequence[str]], Any]  # texts to a tensor of tokens, (n, context length)


def make_backbone(key: str, dim: int, side: int, resample: Image.Resampling) -> Backbone:
    """Return the backbone of a picture tower that takes square pictures scaled to -1 to 1."""
    centre = (127.5, 127.5, 127.5)
    preprocess = partial(squash, side, resample)
    is_bicubic = resample == Image.Resampling.BICUBIC
    framing = Framing("squash", "BICUBIC" if is_bicubic else "BILINEAR")
    return Backbone(
        key, dim, side, centre, centre, lambda: preprocess, reject_unbound, framing=framing
    )


def squash(side: int, resample: Image.Resampling, picture: Image.Image) -> NetworkInputs:
    """Resize the whole picture to a square with Pillow, like open_clip: uint8 (side, side, 3)."""
    return np.asarray(picture.resize((side, side), resample))


def load_model(name: str, weights: Path) -> Any:
    """Load both towers. Raises any exception if the file doesn't fit this network."""
    import open_clip
    import torch

    settings = open_clip.get_model_config(name)
    assert settings is not None, f"open_clip has no model {name}"
    settings.pop("custom_text")  # names the class
    # initialising a large model with random numbers would take half a minute
    with torch.device("meta"):
        model: Any = open_clip.CustomTextCLIP(**settings)
    model.to_empty(device="cpu")
    model.load_state_dict(read_tensors(weights), assign=True)
    # buffers that no file contains, because they follow from the settings
    for module in model.modules():
        if hasattr(module, "init_non_persistent_buffers"):
            module.init_non_persistent_buffers()
    if model.text.attn_mask is not None:
        model.text.attn_mask = model.text.build_causal_mask()
    return model.eval()


def load_picture_tower(name: str, weights: Path) -> Any:
    """Load the picture tower: normalised (n, 3, side, side) to (n, dim). Raises as `load_model`."""
    return load_model(name, weights).visual


def load_text_embedder(
    name: str, weights: Path, tokenize: Tokenize, empty_tokens: Sequence[int]
) -> Embedder:
    """Load a method's text tower. Raises as `load_model`.

    `empty_tokens` carry no meaning.
    """
    import torch

    model = load_model(name, weights)
    del model.visual  # inference runs the picture tower

    def encode(texts: Sequence[str]) -> Vectors:
        tokens = tokenize(texts)
        check_readable(tokens.tolist(), empty_tokens)
        with torch.inference_mode():
            return model.encode_text(tokens).float().numpy()

    return Embedder(return_features, encode_in_batches(encode), count_bytes(model))


def build_text_module(name: str, weights: Path) -> Any:
    """Build a text tower: tokens (n, context length) to (n, dim). Raises as `load_model`."""
    import torch

    model = load_model(name, weights)
    del model.visual

    class Texts(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, tokens: Any) -> Any:
            return self.model.encode_text(tokens)

    return Texts().eval()
