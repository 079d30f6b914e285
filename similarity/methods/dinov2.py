"""DINOv2 base (Oquab et al. 2023, arXiv:2304.07193): pictures alone, learnt without labels.

By transformers, as the card of facebook/dinov2-base shows; its licence, Apache-2.0, is there too.
The vector is the model's pooled output, which is its class token after the last norm. Pictures as
its preprocessor_config.json says: 256 px on the shorter side, bicubic, the middle 224 px; by
Pillow, as the processor of that name did when it was published.
"""

from functools import partial
from typing import Any

from similarity.methods.base import Backbone, File, Files, Method, Prepare, Published, unbound
from similarity.methods.by_transformers import pooled, seen, tower
from similarity.methods.resnet50 import DEVIATION, MEAN
from similarity.methods.tensors import read_tensors

DIM, SIDE = 768, 224


def settings() -> Any:
    """Trained at 518 px, whose positions it interpolates; the rest are transformers' defaults."""
    from transformers import Dinov2Config

    return Dinov2Config(image_size=518)


def processor() -> Any:
    """The published settings of BitImageProcessor, by Pillow."""
    from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil

    return BitImageProcessorPil(
        size={"shortest_edge": 256},
        crop_size={"height": SIDE, "width": SIDE},
        image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    )


def preprocessing() -> Prepare:
    """Return the function that resizes and crops a picture: uint8 (224, 224, 3)."""
    return partial(seen, processor())


def module(files: Files) -> Any:
    """The network: to (n, 768). Raises any exception if the file is not its."""
    from transformers import Dinov2Model

    (path,) = files.values()
    return pooled(tower(Dinov2Model, settings(), read_tensors(path)))


PUBLISHED = Published(
    place="facebook/dinov2-base",
    revision="f9e44c814b77203eaa57a6bdbbd535f21ede1415",
    files=(
        File(
            "model.safetensors",
            346_345_912,
            "d73036b56966966d07975d696bde331762f37297e2f095de8cea0040c3aa0841",
            ("pytorch_model.bin",),
        ),
    ),
    module=module,
)

BACKBONE = Backbone(
    key="dinov2-base",
    dim=DIM,
    side=SIDE,
    mean=MEAN,
    deviation=DEVIATION,
    preprocessing=preprocessing,
    module=unbound,
)

METHOD = Method(
    key="dinov2",
    title="DINOv2 base",
    family="Self-supervised",
    summary="Looks for what tells things apart in pictures that nobody has described.",
    weights="Meta's DINOv2 ViT-B/14 (86.6 M parameters), distilled from a larger one, trained "
    "without labels on LVD-142M, 142 million pictures that were chosen from the web for being like "
    "those of known datasets; LVD-142M is not published.",
    licence="Apache-2.0",
    revision="base-1",
    dim=DIM,
    answers_text=False,
    year=2023,
    parameters=86_580_480,
    source="https://huggingface.co/facebook/dinov2-base",
    load=unbound,
    backbone=BACKBONE,
    published=PUBLISHED,
)
