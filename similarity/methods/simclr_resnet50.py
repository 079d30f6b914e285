"""The article's metric learning: lightning-bolts' SimCLR ResNet-50, trained on ImageNet."""

from functools import partial
from typing import Any

from similarity.methods.base import Backbone, File, Files, Method, Prepare, Published, unbound
from similarity.methods.resnet50 import DEVIATION, DIM, MEAN, SIDE, cropped
from similarity.methods.tensors import read_tensors

PREFIX = "encoder."  # of the network in the checkpoint; the rest is the projection, and training's


def network() -> Any:
    """torchvision's ResNet-50 without its head: what bolts' own encoder computes, name by name."""
    from torch import nn
    from torchvision.models import resnet50

    model = resnet50()
    model.fc = nn.Identity()
    return model


def transform() -> Any:
    """bolts' transform for evaluation (SimCLREvalDataTransform), ImageNet's mean and deviation."""
    from torchvision import transforms

    return transforms.Compose(
        [
            transforms.Resize(int(1.1 * SIDE)),
            transforms.CenterCrop(SIDE),
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )


def preprocessing() -> Prepare:
    """Return the function that resizes and crops a picture: uint8 (224, 224, 3)."""
    return partial(cropped, transform())


def module(files: Files) -> Any:
    """The network. Raises any exception if the file is not its."""
    (path,) = files.values()
    tensors = read_tensors(path)
    weights = {k.removeprefix(PREFIX): v for k, v in tensors.items() if k.startswith(PREFIX)}
    model = network()
    # the checkpoint's encoder has a head that its own forward never calls
    model.load_state_dict({k: v for k, v in weights.items() if not k.startswith("fc.")})
    return model.eval()


PUBLISHED = Published(
    place="https://pl-bolts-weights.s3.us-east-2.amazonaws.com/simclr/bolts_simclr_imagenet/",
    revision="",
    files=(File("simclr_imagenet.ckpt", 0),),
    module=module,
)

BACKBONE = Backbone(
    key="simclr-bolts-imagenet",
    dim=DIM,
    side=SIDE,
    mean=MEAN,
    deviation=DEVIATION,
    preprocessing=preprocessing,
    module=unbound,
)

METHOD = Method(
    key="simclr",
    title="SimCLR ResNet-50",
    family="Metric learning",
    summary="Looks for what stays the same when a photograph is cropped, recoloured and blurred.",
    weights="ResNet-50 (23.5 M parameters), lightning-bolts' checkpoint, trained by SimCLR on "
    "ImageNet's photographs without labels.",
    licence="code Apache-2.0; none is stated for the checkpoint",
    revision="bolts-imagenet-1",
    dim=DIM,
    answers_text=False,
    year=2020,
    parameters=23_508_032,
    source="https://github.com/Lightning-Universe/lightning-bolts",
    load=unbound,
    backbone=BACKBONE,
    published=PUBLISHED,
)
