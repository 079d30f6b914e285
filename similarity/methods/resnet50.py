"""ResNet-50 without its head (the article's second family): timm's network and preprocessing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from similarity.methods.base import (
    Embedder,
    Features,
    File,
    Files,
    Method,
    Published,
    Vectors,
    unbound,
)
from similarity.methods.tensors import read_tensors
from similarity.methods.towhee_pipe import by_towhee

NAME = "resnet50.a1_in1k"  # what towhee's own image-embedding operator loads as resnet50
DIM = 2048
AT_ONCE = 8  # pictures in one pass


def network() -> Any:
    """timm's network without its head and with random weights: (n, 3, 224, 224) to (n, 2048)."""
    import timm

    return timm.create_model(NAME, pretrained=False, num_classes=0)


def preprocessing() -> Any:
    """What timm does to a picture for this network: 235 px on the shorter side, the middle 224."""
    import timm
    from timm.data import create_transform, resolve_data_config

    settings = timm.get_pretrained_cfg(NAME)
    assert settings is not None, f"timm knows no {NAME}"
    return create_transform(**resolve_data_config(pretrained_cfg=settings.to_dict()))


def open_files(files: Files) -> Embedder:
    """The loaded method. Raises any exception if the file is not this network's."""
    (path,) = files.values()
    weights = read_tensors(path)
    model = network()
    model.load_state_dict({k: v for k, v in weights.items() if not k.startswith("fc.")})
    pipeline = by_towhee("resnet50", through(model, preprocessing()))
    return Embedder(pictures=lambda pictures, _: pipeline(pictures))


def through(model: Any, prepare: Any) -> Features:
    """What a ResNet-50 without its head gives for pictures, each prepared by itself: (n, 2048)."""
    import torch

    model.eval().to(memory_format=torch.channels_last)  # faster on a CPU, the same vectors

    def embed(pictures: Sequence[Image.Image]) -> Vectors:
        result = np.empty((len(pictures), DIM), np.float32)
        with torch.inference_mode():
            for start in range(0, len(pictures), AT_ONCE):
                batch = torch.stack([prepare(p) for p in pictures[start : start + AT_ONCE]])
                batch = batch.contiguous(memory_format=torch.channels_last)
                result[start : start + AT_ONCE] = model(batch).numpy()
        return result

    return embed


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
    open=open_files,
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
    load=unbound,
    published=PUBLISHED,
)
