"""The networks of a method as files, which OpenVINO runs without torch and without this project."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from similarity.compiled import ModuleSource, write_network
from similarity.inference import add_normalisation
from similarity.methods import Method, colours
from similarity.methods.base import TextNetwork

PICTURES, TEXTS = "pictures.xml", "texts.xml"
TOKENIZER = "tokenizer.json"


def list_obstacles(method: Method) -> list[str]:
    """Return why a method's networks can't be in the folder; nothing if they can."""
    if not method.has_model:
        return ["there are only the vectors of the products, and no model"]
    if method.candidate:
        return ["it is a model that you added, which only its own library runs as it was measured"]
    obstacles = []
    if method.terms != "permissive":
        obstacles.append("its licence is not known to allow passing the weights on")
    if method.backbone is None or not method.backbone.framing:
        obstacles.append("its pictures are prepared by the library of its authors")
    if method.answers_text and not method.build_texts:
        obstacles.append("its texts are prepared by the library of its authors")
    return obstacles


def write_networks(method: Method, folder: Path) -> dict[str, Any]:
    """Write the networks of a method without obstacles, and return how to prepare their inputs.

    Raises ConversionError, OSError, and SimilarityError if its weights are gone.
    """
    backbone = method.backbone
    assert backbone is not None, f"{method.key} has no network"
    assert backbone.framing is not None, f"{method.key} can be handed over"
    settings: dict[str, Any] = backbone.framing._asdict() | {"side": backbone.side}
    example: list[Any] = [np.zeros((2, backbone.side, backbone.side, 3), np.uint8)]
    shapes: list[Sequence[int]] = [[-1, backbone.side, backbone.side, 3]]
    if method.make_preprocessing:  # what LiT needs besides its backbone
        settings["colours"] = True
        example.append(np.full((2, colours.DIM), 0.1, np.float32))
        shapes.append([-1, colours.DIM])
    write_network(
        ModuleSource(method.key, [], lambda: _build_pictures(method), tuple(example), shapes),
        folder / PICTURES,
    )
    if method.build_texts:
        _write_texts(method.key, method.build_texts(), folder)
    return settings


def _write_texts(key: str, texts: TextNetwork, folder: Path) -> None:
    """Write a text network and its tokenizer."""
    tokens = np.ones((2, texts.length or 8), np.int64)
    inputs = (tokens,) if texts.length else (tokens, tokens)
    shapes = [[-1, texts.length or -1] for _ in inputs]
    write_network(
        ModuleSource(f"{key}-texts", [], lambda: texts.module, inputs, shapes), folder / TEXTS
    )
    texts.tokenizer.save(str(folder / TOKENIZER))


def _build_pictures(method: Method) -> Any:
    """Build a method's backbone with normalisation before it and the method's head behind it."""
    backbone = method.backbone
    assert backbone is not None, f"{method.key} has no network"
    normalised = add_normalisation(backbone, backbone.build_module())
    if method.build_head is None:
        return normalised
    head = method.build_head()
    import torch

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.backbone, self.head = normalised, head

        def forward(self, pictures: Any, *prepared: Any) -> Any:
            return self.head(self.backbone(pictures), *prepared)

    return Whole().eval()
