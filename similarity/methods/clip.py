"""CLIP ViT-B/32 (Radford et al. 2021, arXiv:2103.00020): pictures and words in one space.

The files are those of sentence-transformers' `clip-ViT-B-32`, loaded into transformers' classes
with the settings of the paper's model. We don't use the library's own loader, which would import
classes that a file names, and whose `encode` would open a text that is the path of a picture.
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
    Preprocess,
    Published,
    Vectors,
    reject_unbound,
    return_features,
)
from similarity.methods.by_transformers import resize_and_crop
from similarity.methods.tensors import read_tensors
from similarity.methods.texts import encode_in_batches
from similarity.networks import count_bytes

DIM = 512
TOKENS = 77  # longer texts are cut off
FOLDER = "0_CLIPModel/"
WEIGHTS, VOCABULARY, MERGES = (
    FOLDER + name for name in ("model.safetensors", "vocab.json", "merges.txt")
)
TOKENIZER = FOLDER + "tokenizer.json"  # contains both in newer copies


def make_settings() -> Any:
    """Return the settings of both towers: transformers' defaults, which are those of ViT-B/32."""
    from transformers import CLIPConfig

    return CLIPConfig()


def build_network() -> Any:
    """Build the model with random weights."""
    from transformers import CLIPModel

    return CLIPModel(make_settings())


def make_processor() -> Any:
    """Return the published processor: shorter side 224 px by Pillow, bicubic, centre crop.

    If torchvision is installed, transformers would by default resize with it, with different
    results.
    """
    from transformers import CLIPImageProcessorPil

    return CLIPImageProcessorPil()


def make_preprocessing() -> Preprocess:
    """Return the function that resizes and crops a picture: uint8 (224, 224, 3)."""
    return partial(resize_and_crop, make_processor())


def build_module(files: Files) -> Any:
    """Build the picture tower: to (n, 512). Raises any exception if the files don't fit it."""
    from torch import nn

    model = load_model(files)

    class Pictures(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tower, self.projection = model.vision_model, model.visual_projection

        def forward(self, pictures: Any) -> Any:
            return self.projection(self.tower(pixel_values=pictures).pooler_output)

    return Pictures()


def load_model(files: Files) -> Any:
    """Load both towers. Raises any exception if the files don't fit this network."""
    model = build_network()
    weights = read_tensors(files[WEIGHTS])
    # older files contain position ids, which the network creates itself
    model.load_state_dict({k: v for k, v in weights.items() if not k.endswith(".position_ids")})
    return model.eval()


def make_tokenizer(vocabulary: Path, merges: Path) -> Any:
    """Create the tokenizer of two files, which may be the same tokenizer.json."""
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


def load_embedder(files: Files) -> Embedder:
    """Load the text tower. Raises any exception if the files don't fit this network."""
    import torch

    model = load_model(files)
    del model.vision_model  # inference runs the picture tower, see `build_module`
    tokenize = make_tokenizer(files[VOCABULARY], files[MERGES])
    if len(tokenize) != model.config.text_config.vocab_size:
        raise ValueError(f"its vocabulary has {len(tokenize):,} words")

    def encode(texts: Sequence[str]) -> Vectors:
        tokens = tokenize(
            list(texts), padding=True, truncation=True, max_length=TOKENS, return_tensors="pt"
        )
        with torch.inference_mode():
            return model.get_text_features(**tokens).pooler_output.numpy()

    return Embedder(return_features, encode_in_batches(encode), count_bytes(model))


PUBLISHED = Published(
    location="sentence-transformers/clip-ViT-B-32",
    revision="327ab6726d33c0e22f920c83f2ff9e4bd38ca37f",
    files=(
        File(
            WEIGHTS,
            605_157_884,
            "99d28a652e6ec46629ab7047a0ac82c69b1fe11e0ce672c43af65d3a9a3fc05d",
            (FOLDER + "pytorch_model.bin",),
        ),
        File(VOCABULARY, 862_328, alternative_names=(TOKENIZER,)),
        File(MERGES, 524_619, alternative_names=(TOKENIZER,)),
    ),
    load_embedder=load_embedder,
    build_module=build_module,
)

BACKBONE = Backbone(
    key="clip-vit-b-32",
    dim=DIM,
    side=224,
    mean=(0.48145466 * 255, 0.4578275 * 255, 0.40821073 * 255),
    deviation=(0.26862954 * 255, 0.26130258 * 255, 0.27577711 * 255),
    make_preprocessing=make_preprocessing,
    build_module=reject_unbound,
)

METHOD = Method(
    key="clip",
    title="CLIP ViT-B/32",
    family="Image-text",
    summary="Matches what captions of pictures on the web describe.",
    weights="OpenAI's CLIP ViT-B/32 (151 M parameters) as sentence-transformers publishes it, "
    "trained on 400 million pictures from the web with their English captions.",
    licence="MIT for OpenAI's code; none is stated for the weights",
    revision="vit-b-32-1",
    dim=DIM,
    answers_text=True,
    year=2021,
    parameters=151_277_313,
    source="https://huggingface.co/sentence-transformers/clip-ViT-B-32",
    load=reject_unbound,
    backbone=BACKBONE,
    knows_colours=True,
    published=PUBLISHED,
)
