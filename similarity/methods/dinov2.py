"""DINOv2 base (Oquab et al. 2023, arXiv:2304.07193): trained on pictures without labels.

Loaded by transformers, as on the card of facebook/dinov2-base, which also states its licence,
Apache-2.0. The vector is the model's pooled output: its class token after the last norm.
Preprocessing follows preprocessor_config.json: shorter side 256 px, bicubic, centre crop to 224 px,
by Pillow, as the processor of that name did at publication.
"""

from functools import partial
from typing import Any

from similarity.methods.base import (
    Backbone,
    File,
    Files,
    Framing,
    Method,
    Preprocess,
    Published,
    reject_unbound,
)
from similarity.methods.by_transformers import add_pooling, load_tower, resize_and_crop
from similarity.methods.resnet50 import DEVIATION, MEAN
from similarity.methods.tensors import read_tensors

DIM, SIDE = 768, 224


def make_settings() -> Any:
    """Return the settings: trained at 518 px with interpolated positions, otherwise defaults."""
    from transformers import Dinov2Config

    return Dinov2Config(image_size=518)


def make_processor() -> Any:
    """Return the published BitImageProcessor by Pillow."""
    from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil

    return BitImageProcessorPil(
        size={"shortest_edge": 256},
        crop_size={"height": SIDE, "width": SIDE},
        image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    )


def make_preprocessing() -> Preprocess:
    """Return the function that resizes and crops a picture: uint8 (224, 224, 3)."""
    return partial(resize_and_crop, make_processor())


def build_module(files: Files) -> Any:
    """Build the network: to (n, 768). Raises any exception if the file doesn't fit it."""
    from transformers import Dinov2Model

    (path,) = files.values()
    return add_pooling(load_tower(Dinov2Model, make_settings(), read_tensors(path)))


PUBLISHED = Published(
    location="facebook/dinov2-base",
    revision="f9e44c814b77203eaa57a6bdbbd535f21ede1415",
    files=(
        File(
            "model.safetensors",
            346_345_912,
            "d73036b56966966d07975d696bde331762f37297e2f095de8cea0040c3aa0841",
            ("pytorch_model.bin",),
        ),
    ),
    build_module=build_module,
)

BACKBONE = Backbone(
    key="dinov2-base",
    dim=DIM,
    side=SIDE,
    mean=MEAN,
    deviation=DEVIATION,
    make_preprocessing=make_preprocessing,
    build_module=reject_unbound,
    framing=Framing("crop", shorter=256),
)

METHOD = Method(
    key="dinov2",
    title="DINOv2 base",
    family="Self-supervised",
    summary="Matches the look of objects and their parts, learned from pictures alone.",
    weights="Meta's DINOv2 ViT-B/14 (86.6 M parameters), distilled from a larger one, trained "
    "without labels on LVD-142M, 142 million pictures chosen from the web for their similarity to "
    "known datasets; LVD-142M is not published.",
    licence="Apache-2.0",
    terms="permissive",
    revision="base-1",
    dim=DIM,
    answers_text=False,
    year=2023,
    parameters=86_580_480,
    source="https://huggingface.co/facebook/dinov2-base",
    load=reject_unbound,
    backbone=BACKBONE,
    published=PUBLISHED,
)
