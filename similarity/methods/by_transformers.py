"""Models of transformers, with weights read as tensors only.

Their settings are in this project, not read from the files of the weights, which could name code.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from similarity.methods.base import NetworkInputs


def resize_and_crop(processor: Any, picture: Image.Image) -> NetworkInputs:
    """Resize and crop a picture with a Pillow image processor: uint8 (side, side, 3)."""
    output = processor(picture, do_rescale=False, do_normalize=False, return_tensors="np")
    return output["pixel_values"][0].transpose(1, 2, 0).astype(np.uint8, copy=False)


def load_tower(model_class: Any, settings: Any, tensors: Mapping[str, Any]) -> Any:
    """Create a model of a class from tensors, in evaluation mode.

    Tensors may have the names of any version that transformers knows. Raises ValueError for missing
    or unexpected tensors, and any exception for wrong shapes.
    """
    import torch
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # it would interrupt our own progress bars and logs
    model, loading_info = model_class.from_pretrained(
        None,
        config=settings,
        state_dict=dict(tensors),
        dtype=torch.float32,
        output_loading_info=True,
    )
    if mismatched := sorted(
        set(loading_info["missing_keys"]) | set(loading_info["unexpected_keys"])
    ):
        raise ValueError(f"its tensors don't fit this network, for example {mismatched[0]}")
    return model.eval()


def add_pooling(model: Any) -> Any:
    """Return a module that computes the pooled output of a picture model: (n, dim)."""
    from torch import nn

    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, pictures: Any) -> Any:
            return self.model(pixel_values=pictures).pooler_output

    return Pooled().eval()


def select_tensors(tensors: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the tensors whose names start with a prefix, by the rest of the name."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
