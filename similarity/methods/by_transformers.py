"""Models of transformers, from files that are read as tensors.

Their settings stand in our files, not in those that come with the weights: these could name code.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from similarity.methods.base import Seen


def seen(processor: Any, picture: Image.Image) -> Seen:
    """What an image processor by Pillow resizes and crops of a picture: uint8 (side, side, 3)."""
    made = processor(picture, do_rescale=False, do_normalize=False, return_tensors="np")
    return made["pixel_values"][0].transpose(1, 2, 0).astype(np.uint8, copy=False)


def tower(kind: Any, settings: Any, tensors: Mapping[str, Any]) -> Any:
    """A model of that class, made of these tensors, in evaluation mode.

    Tensors may have the names of any age that transformers knows. Raises ValueError if they are
    not the model's own, one by one, and any exception if they are of other shapes.
    """
    import torch
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # it would break into our own bars and logs
    model, told = kind.from_pretrained(
        None,
        config=settings,
        state_dict=dict(tensors),
        dtype=torch.float32,
        output_loading_info=True,
    )
    if wrong := sorted(set(told["missing_keys"]) | set(told["unexpected_keys"])):
        raise ValueError(f"its tensors are of another network, as {wrong[0]} tells")
    return model.eval()


def pooled(model: Any) -> Any:
    """A module of what a model of pictures calls its pooled output: (n, dim)."""
    from torch import nn

    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, pictures: Any) -> Any:
            return self.model(pixel_values=pictures).pooler_output

    return Pooled().eval()


def part(tensors: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The tensors whose names begin so, by what follows."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
