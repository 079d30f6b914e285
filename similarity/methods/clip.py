"""CLIP ViT-B/32 (Radford et al. 2021, arXiv:2103.00020): pictures and words in one space.

The files are those of sentence-transformers' `clip-ViT-B-32`. They are read into the classes of
transformers, which that library runs, with the settings of the paper's model in place of those in
the files: its own loader would import classes that a file names, and its `encode` would open a
text that is the path of a picture.
"""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from similarity.methods.base import (
    Backbone,
    Embedder,
    File,
    Files,
    Method,
    Prepare,
    Published,
    Vectors,
    as_seen,
    unbound,
)
from similarity.methods.by_transformers import seen
from similarity.methods.tensors import read_tensors
from similarity.methods.texts import in_batches

DIM = 512
TOKENS = 77  # of a text, the rest is cut off
FOLDER = "0_CLIPModel/"
WEIGHTS, VOCABULARY, MERGES = (
    FOLDER + name for name in ("model.safetensors", "vocab.json", "merges.txt")
)
TOKENIZER = FOLDER + "tokenizer.json"  # holds both, in newer copies


def settings() -> Any:
    """Of both towers: transformers' defaults, which are those of ViT-B/32."""
    from transformers import CLIPConfig

    return CLIPConfig()


def network() -> Any:
    """The model with random weights."""
    from transformers import CLIPModel

    return CLIPModel(settings())


def processor() -> Any:
    """As published: 224 px on the shorter side by Pillow, bicubic, the middle, CLIP's own mean.

    Where torchvision is installed, transformers' default would resize by that, and differently.
    """
    from transformers import CLIPImageProcessorPil

    return CLIPImageProcessorPil()


def preprocessing() -> Prepare:
    """Return the function that resizes and crops a picture: uint8 (224, 224, 3)."""
    return partial(seen, processor())


def module(files: Files) -> Any:
    """The tower of pictures: to (n, 512). Raises any exception if the files are not its."""
    from torch import nn

    model = opened(files)

    class Pictures(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tower, self.projection = model.vision_model, model.visual_projection

        def forward(self, pictures: Any) -> Any:
            return self.projection(self.tower(pixel_values=pictures).pooler_output)

    return Pictures()


def opened(files: Files) -> Any:
    """Both towers. Raises any exception if the files are not this network's."""
    model = network()
    weights = read_tensors(files[WEIGHTS])
    # older files hold the numbers of the positions, which the network makes itself
    model.load_state_dict({k: v for k, v in weights.items() if not k.endswith(".position_ids")})
    return model.eval()


def tokenizer(vocabulary: Path, merges: Path) -> Any:
    """The tokenizer of these files, both of which may be one tokenizer.json."""
    from transformers import CLIPTokenizer

    words = json.loads(vocabulary.read_text(encoding="utf-8"))
    lines: list[Any]
    if "model" in words:
        words, lines = words["model"]["vocab"], words["model"]["merges"]
    else:
        lines = merges.read_text(encoding="utf-8").splitlines()
        lines = [line for line in lines if line and not line.startswith("#version")]
    pairs = [tuple(line.split(" ")) if isinstance(line, str) else tuple(line) for line in lines]
    return CLIPTokenizer(vocab=words, merges=pairs, model_max_length=TOKENS)  # type: ignore[arg-type]


def open_files(files: Files) -> Embedder:
    """The loaded method. Raises any exception if the files are not this network's."""
    import torch

    model = opened(files)
    del model.vision_model  # the tower of pictures runs elsewhere: see `module`
    read = tokenizer(files[VOCABULARY], files[MERGES])
    if len(read) != model.config.text_config.vocab_size:
        raise ValueError(f"its vocabulary has {len(read):,} words")

    def encode(given: Sequence[str]) -> Vectors:
        tokens = read(
            list(given), padding=True, truncation=True, max_length=TOKENS, return_tensors="pt"
        )
        with torch.inference_mode():
            return model.get_text_features(**tokens).pooler_output.numpy()

    return Embedder(as_seen, in_batches(encode))


PUBLISHED = Published(
    place="sentence-transformers/clip-ViT-B-32",
    revision="327ab6726d33c0e22f920c83f2ff9e4bd38ca37f",
    files=(
        File(
            WEIGHTS,
            605_157_884,
            "99d28a652e6ec46629ab7047a0ac82c69b1fe11e0ce672c43af65d3a9a3fc05d",
            (FOLDER + "pytorch_model.bin",),
        ),
        File(VOCABULARY, 862_328, others=(TOKENIZER,)),
        File(MERGES, 524_619, others=(TOKENIZER,)),
    ),
    open=open_files,
    module=module,
)

BACKBONE = Backbone(
    key="clip-vit-b-32",
    dim=DIM,
    side=224,
    mean=(0.48145466 * 255, 0.4578275 * 255, 0.40821073 * 255),
    deviation=(0.26862954 * 255, 0.26130258 * 255, 0.27577711 * 255),
    preprocessing=preprocessing,
    module=unbound,
)

METHOD = Method(
    key="clip",
    title="CLIP ViT-B/32",
    family="Image-text",
    summary="Looks for what the captions of pictures on the web tell apart.",
    weights="OpenAI's CLIP ViT-B/32 (151 M parameters) as sentence-transformers publishes it, "
    "trained on 400 million pictures from the web with their English captions.",
    licence="MIT, OpenAI's of the code; none is stated for the weights",
    revision="vit-b-32-1",
    dim=DIM,
    answers_text=True,
    year=2021,
    parameters=151_277_313,
    source="https://huggingface.co/sentence-transformers/clip-ViT-B-32",
    load=unbound,
    backbone=BACKBONE,
    knows_colours=True,
    published=PUBLISHED,
)
