"""ResNet-50 without its head (the article's second family): timm's network and preprocessing."""

from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from similarity.methods.base import Backbone, File, Files, Method, Prepare, Published, Seen, unbound
from similarity.methods.tensors import read_tensors

NAME = "resnet50.a1_in1k"  # what towhee's own image-embedding operator loads as resnet50
DIM = 2048
SIDE = 224
MEAN = (0.485 * 255, 0.456 * 255, 0.406 * 255)  # of ImageNet
DEVIATION = (0.229 * 255, 0.224 * 255, 0.225 * 255)


def network() -> Any:
    """timm's network without its head and with random weights: (n, 3, 224, 224) to (n, 2048)."""
    import timm

    return timm.create_model(NAME, pretrained=False, num_classes=0)


def transform() -> Any:
    """What timm does to a picture for this network: 235 px on the shorter side, the middle 224."""
    import timm
    from timm.data import create_transform, resolve_data_config

    settings = timm.get_pretrained_cfg(NAME)
    assert settings is not None, f"timm knows no {NAME}"
    return create_transform(**resolve_data_config(pretrained_cfg=settings.to_dict()))


def preprocessing() -> Prepare:
    """Return the function that resizes and crops a picture: uint8 (224, 224, 3)."""
    return partial(cropped, transform())


def cropped(transform: Any, picture: Image.Image) -> Seen:
    """A picture as far as a transform resizes and crops it, before it makes a tensor of it."""
    resize, crop, *_ = transform.transforms
    return np.asarray(crop(resize(picture)))


def module(files: Files) -> Any:
    """The network. Raises any exception if the file is not its."""
    (path,) = files.values()
    weights = read_tensors(path)
    model = network()
    model.load_state_dict({k: v for k, v in weights.items() if not k.startswith("fc.")})
    return model.eval()


PUBLISHED = Published(
    place=f"timm/{NAME}",
    revision="767268603ca0cb0bfe326fa87277f19c419566ef",
    files=(
        File(
            "model.safetensors",
            102_469_840,
            "773525d5821de224f8f30c33377b7a795d7863e08522698200d3217d3f2a41bb",
            ("pytorch_model.bin",),
        ),
    ),
    module=module,
)

BACKBONE = Backbone(
    key="resnet50-a1-in1k",
    dim=DIM,
    side=SIDE,
    mean=MEAN,
    deviation=DEVIATION,
    preprocessing=preprocessing,
    module=unbound,
    by_towhee=True,
)

METHOD = Method(
    key="resnet50",
    title="ResNet-50",
    family="Classification CNN",
    summary="Looks for what the article's ImageNet classifier sees just before it names it.",
    weights="ResNet-50 (25.6 M parameters), timm's resnet50.a1_in1k, trained on ImageNet-1k with "
    "its labels by the A1 recipe of ResNet Strikes Back. They are what towhee's image-embedding "
    "operator loads; that operator is downloaded code and is not run: a local one is.",
    licence="Apache-2.0",
    revision="a1-in1k-1",
    dim=DIM,
    answers_text=False,
    year=2021,
    parameters=25_557_032,
    source=f"https://huggingface.co/timm/{NAME}",
    load=unbound,
    backbone=BACKBONE,
    published=PUBLISHED,
    package="towhee",
)
