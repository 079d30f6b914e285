"""DINOv3 ViT-B/16, LVD-1689M (Siméoni et al. 2025, arXiv:2508.10104).

Loaded by transformers, as in the README of facebookresearch/dinov3 and on the card of
facebook/dinov3-vitb16-pretrain-lvd1689m. The vector is the model's pooled output. Preprocessing
follows preprocessor_config.json: divided by 255 and then squashed to 224 px, bilinear, by
torchvision, so the values are not rounded. (The README's transform for other uses has 256 px.) The
DINOv3 License is Meta's own, and the hub requires its acceptance before downloading.
"""

from typing import Any

import numpy as np
from PIL import Image

from similarity.methods.base import (
    Backbone,
    File,
    Files,
    Method,
    NetworkInputs,
    Preprocess,
    Published,
    reject_unbound,
)
from similarity.methods.by_transformers import add_pooling, load_tower
from similarity.methods.resnet50 import DEVIATION, MEAN
from similarity.methods.tensors import read_tensors

DIM, SIDE = 768, 224
REPOSITORY = "facebook/dinov3-vitb16-pretrain-lvd1689m"


def make_settings() -> Any:
    """Return the settings of ViT-B/16 with four registers and rotary positions."""
    from transformers import DINOv3ViTConfig

    return DINOv3ViTConfig(
        hidden_size=DIM,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        num_register_tokens=4,
    )


def make_preprocessing() -> Preprocess:
    """Return the function that resizes a picture without rounding: float32 (224, 224, 3).

    The published settings are transformers' defaults.
    """
    from transformers import DINOv3ViTImageProcessor

    processor = DINOv3ViTImageProcessor()

    def preprocess(picture: Image.Image) -> NetworkInputs:
        pixels = processor(picture, do_normalize=False, return_tensors="np")["pixel_values"][0]
        return np.ascontiguousarray(pixels.transpose(1, 2, 0) * np.float32(255))

    return preprocess


def build_module(files: Files) -> Any:
    """Build the network: to (n, 768). Raises any exception if the file doesn't fit it."""
    from transformers import DINOv3ViTModel

    (path,) = files.values()
    return add_pooling(load_tower(DINOv3ViTModel, make_settings(), read_tensors(path)))


PUBLISHED = Published(
    location=REPOSITORY,
    revision="5931719e67bbdb9737e363e781fb0c67687896bc",
    files=(
        File(
            "model.safetensors",
            342_662_192,
            "9a21ac3df0c63839d62612dda6f454d816c25611cc7a52966ed5a5a94921dc8b",
        ),
    ),
    build_module=build_module,
    licence_page=f"https://huggingface.co/{REPOSITORY}",
)

BACKBONE = Backbone(
    key="dinov3-vitb16-lvd1689m",
    dim=DIM,
    side=SIDE,
    mean=MEAN,
    deviation=DEVIATION,
    make_preprocessing=make_preprocessing,
    build_module=reject_unbound,
    takes_uint8=False,
)

METHOD = Method(
    key="dinov3",
    title="DINOv3 ViT-B",
    family="Self-supervised",
    summary="Matches what DINOv2 does, learned from twelve times as many pictures.",
    weights="Meta's DINOv3 ViT-B/16 (85.7 M parameters), distilled from one of seven billion, "
    "trained without labels on LVD-1689M, 1.7 billion pictures chosen from public posts on "
    "Instagram; LVD-1689M is not published.",
    licence="DINOv3 License, Meta's own: commercial use is allowed under its conditions; accept "
    "them on the hub before downloading",
    terms="conditional",
    revision="vitb16-lvd1689m-1",
    dim=DIM,
    answers_text=False,
    year=2025,
    parameters=85_660_416,
    source=f"https://huggingface.co/{REPOSITORY}",
    load=reject_unbound,
    backbone=BACKBONE,
    published=PUBLISHED,
)
