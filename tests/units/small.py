"""Published methods of two layers, which are built in seconds: `python -m tests.units.small` is
`python -m precompute` with them. It imports no more at its start than that does."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from precompute.__main__ import main
from similarity.methods import METHODS, clip, clip_multilingual, dinov2, dinov3, siglip2
from tests.units.published_today import SMALL, small_pe_core, write_open_clip

LAYERS = 2
WORDS = 24_000  # in a vocabulary: a little more than the signs that each of them has
Set = Callable[[Any, str, Any], None]


def shrink(put: Set = setattr) -> None:
    """Give the methods of transformers two layers, and PE-Core a smaller size, from now on."""
    for method in (clip, clip_multilingual, dinov2, dinov3, siglip2):
        put(method, "settings", with_few_layers(method.settings))
    for words in (clip_multilingual, siglip2):
        put(words, "WORDS", WORDS)
    METHODS["pe_core"] = small_pe_core()


def with_few_layers(settings: Callable[[], Any]) -> Callable[[], Any]:
    """The same settings but for the number of layers, in every tower."""

    def few() -> Any:
        made = settings()
        towers = [getattr(made, name, None) for name in ("text_config", "vision_config")]
        for each in [tower for tower in towers if tower] or [made]:
            each.num_hidden_layers = LAYERS
        return made

    return few


def write_small(key: str, folder: Path) -> Path:
    """Random weights of a method in the form that its authors publish, once it was shrunk."""
    from tests.units.published import WRITERS

    if key == "pe_core":
        return write_open_clip(folder, SMALL)
    return WRITERS[key](folder)


if __name__ == "__main__":
    shrink()
    sys.exit(main())
