"""What the four libraries have in common: a loaded model, and helpers to call it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from similarity.methods.base import NetworkInputs, Preprocess, Vectors

EmbedPictures = Callable[[Sequence[Image.Image]], Vectors]
EmbedTexts = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class LibraryModel:
    """A model as a library loads it.

    `module` has its parameters. `embed_pictures` is the library's own way from RGB pictures to
    vectors (n, dim). `tower` is the part of the model that takes preprocessed pictures, a torch
    module from (n, 3, height, width) to (n, dim), and `preprocess` prepares one: (height, width,
    3); both are None if the library needs more than pixels.
    """

    module: Any
    embed_pictures: EmbedPictures
    embed_texts: EmbedTexts | None = None
    tower: Any = None
    preprocess: Preprocess | None = None
    licence: str = ""


def to_pixels(tensor: Any) -> NetworkInputs:
    """Return a preprocessed picture (3, height, width) as a network's inputs: (h, w, 3)."""
    return np.ascontiguousarray(np.asarray(tensor, np.float32).transpose(1, 2, 0))


def make_module(forward: Callable[[Any], Any], *parts: Any) -> Any:
    """Return a torch module in evaluation mode that calls a function of modules `parts`."""
    from torch import nn

    class Tower(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleList(parts)

        def forward(self, pictures: Any) -> Any:
            return forward(pictures)

    return Tower().eval()


def embed_one_by_one(embed_picture: Callable[[Image.Image], Any]) -> EmbedPictures:
    """Return a function that embeds pictures as a library's examples do, one at a time.

    `embed_picture` returns a tensor (1, dim).
    """
    import torch

    def embed(pictures: Sequence[Image.Image]) -> Vectors:
        with torch.inference_mode():
            vectors = [embed_picture(picture) for picture in pictures]
        return torch.cat(vectors).float().cpu().numpy()

    return embed


def find_fixed_side(preprocess: Preprocess) -> int:
    """Return the side in pixels of a preprocessing's square output; 0 if its size varies."""
    shapes = set()
    with suppress(Exception):  # a preprocessing may not like extreme pictures
        for size in ((64, 64), (300, 100), (90, 310)):
            shapes.add(preprocess(Image.new("RGB", size, "white")).shape)
    if len(shapes) != 1:
        return 0
    height, width, *channels = next(iter(shapes))
    return height if height == width and channels == [3] else 0
