"""Run `python -m tests.units.small`: `python -m precompute` with published methods of two layers.

They are built in seconds. This module imports no more at its start than precompute does.
"""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from harness import published
from harness.published_today import (
    LAYERS,
    PE_CORE,
    SIGLIP,
    WORDS,
    make_small_pe_core,
    register_small,
    write_open_clip,
)
from precompute.__main__ import main
from similarity.methods import (
    METHODS,
    by_open_clip,
    clip,
    clip_multilingual,
    dinov2,
    dinov3,
    fashion_siglip,
    resnet50,
    siglip2,
    simclr_resnet50,
)

BLOCKS = (1, 1, 1, 1)  # of a ResNet
Set = Callable[[Any, str, Any], None]


def shrink(put: Set = setattr) -> None:
    """Replace published methods by ones with two layers and short vocabularies.

    ResNets keep one block at each stage, and PE-Core becomes a smaller model. Widths and vectors
    keep their size.
    """
    for method in (clip, clip_multilingual, dinov2, dinov3, siglip2):
        put(method, "make_settings", with_few_layers(method.make_settings))
    for words in (clip_multilingual, siglip2, fashion_siglip):
        put(words, "VOCABULARY_SIZE", WORDS)
    put(fashion_siglip, "NAME", SIGLIP)
    put(by_open_clip, "load_model", knowing_small(by_open_clip.load_model))
    for method, whole in ((resnet50, timm_resnet50), (simclr_resnet50, torchvision_resnet50)):
        put(method, "build_network", partial(whole, BLOCKS))
    put(published, "BLOCKS", BLOCKS)
    METHODS["pe_core"] = make_small_pe_core()


def timm_resnet50(blocks: Sequence[int]) -> Any:
    """As resnet50.network, with so many blocks at each stage."""
    import timm

    return timm.create_model(resnet50.NAME, pretrained=False, num_classes=0, layers=blocks)


def torchvision_resnet50(blocks: Sequence[int]) -> Any:
    """As simclr_resnet50.network, with so many blocks at each stage."""
    from torch import nn
    from torchvision.models.resnet import Bottleneck, ResNet

    model = ResNet(Bottleneck, list(blocks))
    model.fc = nn.Identity()
    return model


def with_few_layers(settings: Callable[[], Any]) -> Callable[[], Any]:
    """The same settings but for the number of layers, in every tower, and CLIP's vocabulary."""

    def few() -> Any:
        config = settings()
        towers = [getattr(config, name, None) for name in ("text_config", "vision_config")]
        for each in [tower for tower in towers if tower] or [config]:
            each.num_hidden_layers = LAYERS
        if hasattr(config, "stage_names"):
            config.stage_names = config.stage_names[: LAYERS + 1]
            config._out_features, config._out_indices = config.stage_names[-1:], [LAYERS]
        if config.model_type == "clip":
            config.text_config.vocab_size = WORDS
            config.text_config.bos_token_id, config.text_config.eos_token_id = WORDS - 2, WORDS - 1
        return config

    return few


def knowing_small(opened: Callable[..., Any]) -> Callable[..., Any]:
    """by_open_clip.opened, before which open_clip is told of its small models."""

    def load_registered(*args: Any) -> Any:
        register_small()
        return opened(*args)

    return load_registered


def write_small(key: str, folder: Path) -> Path:
    """Random weights of a method in the form that its authors publish, once it was shrunk.

    Returns the folder, or the one file in it.
    """
    if key == "pe_core":
        return write_open_clip(folder, PE_CORE)
    return published.WRITERS[key](folder)


if __name__ == "__main__":
    shrink()
    sys.exit(main())
