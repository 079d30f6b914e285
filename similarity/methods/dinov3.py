"""DINOv3 ViT-B/16, LVD-1689M (Siméoni et al. 2025, arXiv:2508.10104): pictures alone.

By transformers, as the README of facebookresearch/dinov3 and the card of
facebook/dinov3-vitb16-pretrain-lvd1689m show; the vector is the model's pooled output. Pictures as
its preprocessor_config.json says: divided by 255, and only then squashed to 224 px, bilinear, by
torchvision, so that they are not rounded. (The README's own transform for other uses has 256 px.)
The DINOv3 License is Meta's own, and the hub gives the weights to those alone who accepted it.
"""

from typing import Any

import numpy as np
from PIL import Image

from similarity.methods.base import Backbone, File, Files, Method, Prepare, Published, Seen, unbound
from similarity.methods.by_transformers import pooled, tower
from similarity.methods.resnet50 import DEVIATION, MEAN
from similarity.methods.tensors import read_tensors

DIM, SIDE = 768, 224
PLACE = "facebook/dinov3-vitb16-pretrain-lvd1689m"


def settings() -> Any:
    """ViT-B/16 with four registers and positions by rotation."""
    from transformers import DINOv3ViTConfig

    return DINOv3ViTConfig(
        hidden_size=DIM,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        num_register_tokens=4,
    )


def preprocessing() -> Prepare:
    """Return the function that resizes a picture and doesn't round it: float32 (224, 224, 3).

    The published settings are transformers' defaults.
    """
    from transformers import DINOv3ViTImageProcessor

    processor = DINOv3ViTImageProcessor()

    def prepare(picture: Image.Image) -> Seen:
        made = processor(picture, do_normalize=False, return_tensors="np")["pixel_values"][0]
        return np.ascontiguousarray(made.transpose(1, 2, 0) * np.float32(255))

    return prepare


def module(files: Files) -> Any:
    """The network: to (n, 768). Raises any exception if the file is not its."""
    from transformers import DINOv3ViTModel

    (path,) = files.values()
    return pooled(tower(DINOv3ViTModel, settings(), read_tensors(path)))


PUBLISHED = Published(
    place=PLACE,
    revision="5931719e67bbdb9737e363e781fb0c67687896bc",
    files=(
        File(
            "model.safetensors",
            342_662_192,
            "9a21ac3df0c63839d62612dda6f454d816c25611cc7a52966ed5a5a94921dc8b",
        ),
    ),
    module=module,
    gate=f"https://huggingface.co/{PLACE}",
)

BACKBONE = Backbone(
    key="dinov3-vitb16-lvd1689m",
    dim=DIM,
    side=SIDE,
    mean=MEAN,
    deviation=DEVIATION,
    preprocessing=preprocessing,
    module=unbound,
    rounded=False,
)

METHOD = Method(
    key="dinov3",
    title="DINOv3 ViT-B",
    family="Self-supervised",
    summary="Looks for what DINOv2 does, learnt from twelve times as many pictures.",
    weights="Meta's DINOv3 ViT-B/16 (85.7 M parameters), distilled from one of seven billion, "
    "trained without labels on LVD-1689M, 1.7 billion pictures chosen from public posts on "
    "Instagram; LVD-1689M is not published.",
    licence="DINOv3 License, Meta's own: commercial use is allowed under its conditions, and the "
    "hub asks to accept it before it gives the weights out",
    revision="vitb16-lvd1689m-1",
    dim=DIM,
    answers_text=False,
    year=2025,
    parameters=85_660_416,
    source=f"https://huggingface.co/{PLACE}",
    load=unbound,
    backbone=BACKBONE,
    published=PUBLISHED,
)
