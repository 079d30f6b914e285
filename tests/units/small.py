"""Published methods of two layers, which are built in seconds: `python -m tests.units.small` is
`python -m precompute` with them. It imports no more at its start than that does."""

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
    register_small,
    small_pe_core,
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
    """Give published methods two layers, or one block at each of a ResNet's stages, and short
    vocabularies, and PE-Core a smaller size, from now on.

    Their widths, and so their vectors, keep their size.
    """
    for method in (clip, clip_multilingual, dinov2, dinov3, siglip2):
        put(method, "settings", with_few_layers(method.settings))
    for words in (clip_multilingual, siglip2, fashion_siglip):
        put(words, "WORDS", WORDS)
    put(fashion_siglip, "NAME", SIGLIP)
    put(by_open_clip, "opened", knowing_small(by_open_clip.opened))
    for method, whole in ((resnet50, timm_resnet50), (simclr_resnet50, torchvision_resnet50)):
        put(method, "network", partial(whole, BLOCKS))
    put(published, "BLOCKS", BLOCKS)
    METHODS["pe_core"] = small_pe_core()


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
        made = settings()
        towers = [getattr(made, name, None) for name in ("text_config", "vision_config")]
        for each in [tower for tower in towers if tower] or [made]:
            each.num_hidden_layers = LAYERS
        if hasattr(made, "stage_names"):
            made.stage_names = made.stage_names[: LAYERS + 1]
            made._out_features, made._out_indices = made.stage_names[-1:], [LAYERS]
        if made.model_type == "clip":
            made.text_config.vocab_size = WORDS
            made.text_config.bos_token_id, made.text_config.eos_token_id = WORDS - 2, WORDS - 1
        return made

    return few


def knowing_small(opened: Callable[..., Any]) -> Callable[..., Any]:
    """by_open_clip.opened, before which open_clip is told of its small models."""

    def told(*given: Any) -> Any:
        register_small()
        return opened(*given)

    return told


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
