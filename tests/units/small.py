"""Published methods of two layers, which are built in seconds: `python -m tests.units.small` is
`python -m precompute` with them. It imports no more at its start than that does."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import CompletedProcess, run
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
    """Random weights of a method in the form that its authors publish, once it was shrunk.

    Returns the folder, or the one file in it.
    """
    from tests.units.published import WRITERS

    return write_open_clip(folder, SMALL) if key == "pe_core" else WRITERS[key](folder)


def build_small(
    pictures: Path, name: str, weights: Mapping[str, Path], to: Path
) -> CompletedProcess[str]:
    """Build a folder of pictures, in a process of its own, by methods with these weights."""
    command = [sys.executable, "-m", "tests.units.small", "--catalogue", str(pictures)]
    command += [f"--weights={key}={place}" for key, place in weights.items()]
    command += ["--name", name, "--methods", ",".join(weights), "--to", str(to)]
    return run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)


if __name__ == "__main__":
    shrink()
    sys.exit(main())
