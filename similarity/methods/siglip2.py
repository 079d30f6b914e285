"""SigLIP 2 base, patch 16, 224 px (Tschannen et al. 2025, arXiv:2502.14786).

Loaded by transformers, as on the card of google/siglip2-base-patch16-224, which also states its
licence, Apache-2.0. Pictures are preprocessed as in preprocessor_config.json: the whole picture
squashed to 224 px, bilinear, scaled to -1 to 1, by Pillow, as the processor of that name did at
publication. Texts follow transformers' page on SigLIP 2 and big_vision's configuration (`lower`,
`bos="no"`, `eos="sticky"`, 64 tokens): lower case, terminated and padded to 64 tokens, without a
template, as in big_vision's demo.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from similarity.methods.base import (
    Backbone,
    Embedder,
    File,
    Files,
    Framing,
    Method,
    Preprocess,
    Published,
    TextNetwork,
    Vectors,
    reject_unbound,
    return_features,
)
from similarity.methods.by_transformers import (
    add_pooling,
    load_tower,
    resize_and_crop,
    select_tensors,
)
from similarity.methods.tensors import read_tensors
from similarity.methods.texts import encode_in_batches
from similarity.networks import count_bytes

DIM, SIDE = 768, 224
TOKENS = 64  # longer texts are cut off
VOCABULARY_SIZE = 256_000  # words in Gemma's vocabulary
END, PADDING = ("<eos>", 1), ("<pad>", 0)
WEIGHTS, VOCABULARY = "model.safetensors", "tokenizer.json"


def make_settings() -> Any:
    """Return the settings of both towers; transformers' other defaults are those of this size."""
    from transformers import SiglipConfig

    return SiglipConfig(
        text_config={
            "vocab_size": VOCABULARY_SIZE,
            "bos_token_id": 2,
            "eos_token_id": 1,
            "pad_token_id": 0,
        }
    )


def make_processor() -> Any:
    """Return the published SiglipImageProcessor by Pillow."""
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    return SiglipImageProcessorPil(
        size={"height": SIDE, "width": SIDE}, resample=Image.Resampling.BILINEAR
    )


def make_preprocessing() -> Preprocess:
    """Return the function that resizes and crops a picture: uint8 (224, 224, 3)."""
    return partial(resize_and_crop, make_processor())


def build_module(files: Files) -> Any:
    """Build the picture tower: to (n, 768). Raises any exception if the files don't fit it."""
    from transformers import SiglipVisionModel

    tensors = select_tensors(read_tensors(files[WEIGHTS]), "vision_model.")
    return add_pooling(load_tower(SiglipVisionModel, make_settings().vision_config, tensors))


def load_tokenizer(path: Path) -> Any:
    """Load Gemma's tokenizer from a tokenizer.json. Raises any exception if it is another."""
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing

    tokenizer = Tokenizer.from_file(str(path))
    vocabulary = (
        tokenizer.get_vocab_size(),
        *(tokenizer.token_to_id(token) for token, _ in (END, PADDING)),
    )
    if vocabulary != (VOCABULARY_SIZE, END[1], PADDING[1]):
        raise ValueError(f"its vocabulary has {vocabulary[0]:,} words")
    tokenizer.post_processor = TemplateProcessing(single=f"$A {END[0]}", special_tokens=[END])
    tokenizer.enable_truncation(TOKENS)
    tokenizer.enable_padding(length=TOKENS, pad_id=PADDING[1], pad_token=PADDING[0])
    return tokenizer


def load_embedder(files: Files) -> Embedder:
    """Load the text tower. Raises any exception if the files don't fit this network."""
    import torch
    from transformers import SiglipTextModel

    tensors = select_tensors(read_tensors(files[WEIGHTS]), "text_model.")
    model = load_tower(SiglipTextModel, make_settings().text_config, tensors)
    tokenizer = load_tokenizer(files[VOCABULARY])

    def encode(texts: Sequence[str]) -> Vectors:
        tokens = [text.ids for text in tokenizer.encode_batch([text.lower() for text in texts])]
        with torch.inference_mode():
            return model(input_ids=torch.tensor(tokens)).pooler_output.numpy()

    return Embedder(return_features, encode_in_batches(encode), count_bytes(model))


def build_texts(files: Files) -> TextNetwork:
    """Build the text tower and its tokenizer. Raises any exception if the files don't fit."""
    from tokenizers.normalizers import Lowercase, Sequence

    tensors = select_tensors(read_tensors(files[WEIGHTS]), "text_model.")
    from transformers import SiglipTextModel

    model = load_tower(SiglipTextModel, make_settings().text_config, tensors)
    from torch import nn

    class Texts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, tokens: Any) -> Any:
            return self.model(input_ids=tokens).pooler_output

    tokenizer = load_tokenizer(files[VOCABULARY])
    tokenizer.normalizer = Sequence(list(filter(None, [Lowercase(), tokenizer.normalizer])))
    return TextNetwork(Texts().eval(), tokenizer, TOKENS)


PUBLISHED = Published(
    location="google/siglip2-base-patch16-224",
    revision="75de2d55ec2d0b4efc50b3e9ad70dba96a7b2fa2",
    files=(
        File(
            WEIGHTS,
            1_500_800_904,
            "612923381c76ec5a9bed335d1c48827e3f2e506ac31b044b63b2031fadee6a0b",
        ),
        File(VOCABULARY, 34_400_000),
    ),
    load_embedder=load_embedder,
    build_module=build_module,
    build_texts=build_texts,
)

BACKBONE = Backbone(
    key="siglip2-base-patch16-224",
    dim=DIM,
    side=SIDE,
    mean=(127.5, 127.5, 127.5),
    deviation=(127.5, 127.5, 127.5),
    make_preprocessing=make_preprocessing,
    build_module=reject_unbound,
    framing=Framing("squash", "BILINEAR"),
)

METHOD = Method(
    key="siglip2",
    title="SigLIP 2 base",
    family="Image-text",
    summary="Matches what captions in over a hundred languages describe.",
    weights="Google's SigLIP 2 ViT-B/16 at 224 px (375 M parameters), trained on WebLI, ten "
    "billion pictures from the web with texts in 109 languages, in training nine in ten of them in "
    "English; WebLI is not published.",
    licence="Apache-2.0",
    terms="permissive",
    revision="base-patch16-224-1",
    dim=DIM,
    answers_text=True,
    languages=109,
    year=2025,
    parameters=375_187_970,
    source="https://huggingface.co/google/siglip2-base-patch16-224",
    load=reject_unbound,
    backbone=BACKBONE,
    knows_colours=True,
    published=PUBLISHED,
)
