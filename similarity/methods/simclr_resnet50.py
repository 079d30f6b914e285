"""The article's metric learning: lightning-bolts' SimCLR ResNet-50, trained on ImageNet."""

from functools import partial
from typing import Any

from similarity.methods.base import (
    Backbone,
    File,
    Files,
    Method,
    Preprocess,
    Published,
    reject_unbound,
)
from similarity.methods.resnet50 import DEVIATION, DIM, MEAN, SIDE, resize_and_crop
from similarity.methods.tensors import read_tensors

# of the encoder's tensors; the others belong to the projection and the training
PREFIX = "encoder."


def build_network() -> Any:
    """Build torchvision's ResNet-50 without its head, which equals bolts' encoder."""
    from torch import nn
    from torchvision.models import resnet50

    model = resnet50()
    model.fc = nn.Identity()
    return model


def make_transform() -> Any:
    """Return bolts' transform for evaluation, SimCLREvalDataTransform."""
    from torchvision import transforms

    return transforms.Compose(
        [
            transforms.Resize(int(1.1 * SIDE)),
            transforms.CenterCrop(SIDE),
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )


def make_preprocessing() -> Preprocess:
    """Return the function that resizes and crops a picture: uint8 (224, 224, 3)."""
    return partial(resize_and_crop, make_transform())


def build_module(files: Files) -> Any:
    """Build the network. Raises any exception if the file doesn't fit it."""
    (path,) = files.values()
    tensors = read_tensors(path)
    weights = {k.removeprefix(PREFIX): v for k, v in tensors.items() if k.startswith(PREFIX)}
    model = build_network()
    # the checkpoint's encoder has a head that its forward never calls
    model.load_state_dict({k: v for k, v in weights.items() if not k.startswith("fc.")})
    return model.eval()


PUBLISHED = Published(
    location="https://pl-bolts-weights.s3.us-east-2.amazonaws.com/simclr/bolts_simclr_imagenet/",
    revision="",
    files=(File("simclr_imagenet.ckpt", 0),),
    build_module=build_module,
)

BACKBONE = Backbone(
    key="simclr-bolts-imagenet",
    dim=DIM,
    side=SIDE,
    mean=MEAN,
    deviation=DEVIATION,
    make_preprocessing=make_preprocessing,
    build_module=reject_unbound,
)

METHOD = Method(
    key="simclr",
    title="SimCLR ResNet-50",
    family="Metric learning",
    summary="Matches shape, whatever the crop, colour or blur.",
    weights="ResNet-50 (23.5 M parameters), lightning-bolts' checkpoint, trained by SimCLR on "
    "ImageNet's photographs without labels.",
    licence="code Apache-2.0; none is stated for the checkpoint",
    revision="bolts-imagenet-1",
    dim=DIM,
    answers_text=False,
    year=2020,
    parameters=23_508_032,
    source="https://github.com/Lightning-Universe/lightning-bolts",
    load=reject_unbound,
    backbone=BACKBONE,
    published=PUBLISHED,
)
