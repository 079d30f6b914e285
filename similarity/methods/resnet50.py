"""ResNet-50 without its head (the article's second family): timm's network and preprocessing."""

from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from similarity.methods.base import (
    Backbone,
    File,
    Files,
    Framing,
    Method,
    NetworkInputs,
    Preprocess,
    Published,
    reject_unbound,
)
from similarity.methods.tensors import read_tensors

NAME = "resnet50.a1_in1k"  # the model that towhee's image-embedding operator loads as resnet50
DIM = 2048
SIDE = 224
MEAN = (0.485 * 255, 0.456 * 255, 0.406 * 255)  # of ImageNet
DEVIATION = (0.229 * 255, 0.224 * 255, 0.225 * 255)


def build_network() -> Any:
    """Build timm's network without its head, with random weights: (n, 3, 224, 224) to (n, 2048)."""
    import timm

    return timm.create_model(NAME, pretrained=False, num_classes=0)


def make_transform() -> Any:
    """Return timm's transform for this network: shorter side 235 px, centre crop to 224."""
    import timm
    from timm.data import create_transform, resolve_data_config

    settings = timm.get_pretrained_cfg(NAME)
    assert settings is not None, f"timm has no model {NAME}"
    return create_transform(**resolve_data_config(pretrained_cfg=settings.to_dict()))


def make_preprocessing() -> Preprocess:
    """Return the function that resizes and crops a picture: uint8 (224, 224, 3)."""
    return partial(resize_and_crop, make_transform())


def resize_and_crop(transform: Any, picture: Image.Image) -> NetworkInputs:
    """Apply a transform's resizing and cropping, without its conversion to a tensor."""
    resize, crop, *_ = transform.transforms
    return np.asarray(crop(resize(picture)))


def build_module(files: Files) -> Any:
    """Build the network. Raises any exception if the file doesn't fit it."""
    (path,) = files.values()
    weights = read_tensors(path)
    model = build_network()
    model.load_state_dict({k: v for k, v in weights.items() if not k.startswith("fc.")})
    return model.eval()


PUBLISHED = Published(
    location=f"timm/{NAME}",
    revision="767268603ca0cb0bfe326fa87277f19c419566ef",
    files=(
        File(
            "model.safetensors",
            102_469_840,
            "773525d5821de224f8f30c33377b7a795d7863e08522698200d3217d3f2a41bb",
            ("pytorch_model.bin",),
        ),
    ),
    build_module=build_module,
)

BACKBONE = Backbone(
    key="resnet50-a1-in1k",
    dim=DIM,
    side=SIDE,
    mean=MEAN,
    deviation=DEVIATION,
    make_preprocessing=make_preprocessing,
    build_module=reject_unbound,
    uses_towhee=True,
    framing=Framing("crop", shorter=235, rounds=True),
)

METHOD = Method(
    key="resnet50",
    title="ResNet-50",
    family="Classification CNN",
    summary="Matches the kind of object, with the article's classifier.",
    weights="ResNet-50 (25.6 M parameters), timm's resnet50.a1_in1k, trained on ImageNet-1k with "
    "its labels by the A1 recipe of ResNet Strikes Back. towhee's image-embedding operator loads "
    "the same weights; a local operator replaces it here, because it is downloaded code.",
    licence="Apache-2.0",
    terms="permissive",
    revision="a1-in1k-1",
    dim=DIM,
    answers_text=False,
    year=2021,
    parameters=25_557_032,
    source=f"https://huggingface.co/timm/{NAME}",
    load=reject_unbound,
    backbone=BACKBONE,
    published=PUBLISHED,
    package="towhee",
)
