"""Models of open_clip by their built-in names, from files that are read as tensors.

Their settings are those that the library ships; a repository's own `open_clip_config.json` and
remote code are not read.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from similarity.methods.base import Backbone, Embedder, Seen, Vectors, as_seen, unbound
from similarity.methods.tensors import read_tensors
from similarity.methods.texts import check_readable, in_batches

WEIGHTS, OLDER = "open_clip_model.safetensors", "open_clip_pytorch_model.bin"

Read = Callable[[Sequence[str]], Any]  # texts to a tensor of tokens, (n, context length)


def backbone(key: str, dim: int, side: int, resample: Image.Resampling) -> Backbone:
    """A tower of pictures that are squashed to a square, their colours from -1 to 1."""
    middle = (127.5, 127.5, 127.5)
    prepare = partial(squashed, side, resample)
    return Backbone(key, dim, side, middle, middle, lambda: prepare, unbound)


def squashed(side: int, resample: Image.Resampling, picture: Image.Image) -> Seen:
    """The whole picture as a square, by Pillow, as open_clip resizes: uint8 (side, side, 3)."""
    return np.asarray(picture.resize((side, side), resample))


def opened(name: str, weights: Path) -> Any:
    """Both towers. Raises any exception if the file is not this network's."""
    import open_clip
    import torch

    settings = open_clip.get_model_config(name)
    assert settings is not None, f"open_clip knows no {name}"
    settings.pop("custom_text")  # says which class it is
    with torch.device("meta"):  # a large one takes half a minute to draw random numbers for
        model: Any = open_clip.CustomTextCLIP(**settings)
    model.to_empty(device="cpu")
    model.load_state_dict(read_tensors(weights), assign=True)
    for module in model.modules():  # what no file holds, as it follows from the settings
        if hasattr(module, "init_non_persistent_buffers"):
            module.init_non_persistent_buffers()
    if model.text.attn_mask is not None:
        model.text.attn_mask = model.text.build_causal_mask()
    return model.eval()


def pictures(name: str, weights: Path) -> Any:
    """The tower of pictures: normalised (n, 3, side, side) to (n, dim). Raises as `opened`."""
    return opened(name, weights).visual


def words(name: str, weights: Path, read: Read, silent: Sequence[int]) -> Embedder:
    """The loaded method, whose texts are read so; `silent` tokens say nothing of a text.

    Raises as `opened`.
    """
    import torch

    model = opened(name, weights)
    del model.visual  # the tower of pictures runs elsewhere

    def encode(given: Sequence[str]) -> Vectors:
        tokens = read(given)
        check_readable(tokens.tolist(), silent)
        with torch.inference_mode():
            return model.encode_text(tokens).float().numpy()

    return Embedder(as_seen, in_batches(encode))
