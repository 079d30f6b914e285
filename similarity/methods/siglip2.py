"""SigLIP 2 base, patch 16, 224 px (Tschannen et al. 2025, arXiv:2502.14786): pictures and words.

By transformers, as the card of google/siglip2-base-patch16-224 shows; its licence, Apache-2.0, is
there too. Pictures as its preprocessor_config.json says: the whole picture squashed to 224 px,
bilinear, from -1 to 1; by Pillow, as the processor of that name did when it was published. Texts as
transformers' page of SigLIP 2 and big_vision's configuration (`lower`, `bos="no"`, `eos="sticky"`,
64 tokens) say: in small letters, ended and filled up to 64 tokens, without a template, as in
big_vision's demo.
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
    Method,
    Prepare,
    Published,
    Vectors,
    as_seen,
    unbound,
)
from similarity.methods.by_transformers import part, pooled, seen, tower
from similarity.methods.tensors import read_tensors
from similarity.methods.texts import in_batches

DIM, SIDE = 768, 224
TOKENS = 64  # of a text, the rest is cut off
WORDS = 256_000  # in Gemma's vocabulary
END, FILL = ("<eos>", 1), ("<pad>", 0)
WEIGHTS, VOCABULARY = "model.safetensors", "tokenizer.json"


def settings() -> Any:
    """Of both towers; the rest are transformers' own defaults, which are those of this size."""
    from transformers import SiglipConfig

    return SiglipConfig(
        text_config={"vocab_size": WORDS, "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0}
    )


def processor() -> Any:
    """The published settings of SiglipImageProcessor, by Pillow."""
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    return SiglipImageProcessorPil(
        size={"height": SIDE, "width": SIDE}, resample=Image.Resampling.BILINEAR
    )


def preprocessing() -> Prepare:
    """Return the function that resizes and crops a picture: uint8 (224, 224, 3)."""
    return partial(seen, processor())


def module(files: Files) -> Any:
    """The tower of pictures: to (n, 768). Raises any exception if the files are not its."""
    from transformers import SiglipVisionModel

    tensors = part(read_tensors(files[WEIGHTS]), "vision_model.")
    return pooled(tower(SiglipVisionModel, settings().vision_config, tensors))


def tokenizer(path: Path) -> Any:
    """Gemma's vocabulary of a tokenizer.json. Raises any exception if it is another."""
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing

    read = Tokenizer.from_file(str(path))
    found = (read.get_vocab_size(), *(read.token_to_id(token) for token, _ in (END, FILL)))
    if found != (WORDS, END[1], FILL[1]):
        raise ValueError(f"its vocabulary has {found[0]:,} words")
    read.post_processor = TemplateProcessing(single=f"$A {END[0]}", special_tokens=[END])
    read.enable_truncation(TOKENS)
    read.enable_padding(length=TOKENS, pad_id=FILL[1], pad_token=FILL[0])
    return read


def open_files(files: Files) -> Embedder:
    """The loaded words. Raises any exception if the files are not this network's."""
    import torch
    from transformers import SiglipTextModel

    tensors = part(read_tensors(files[WEIGHTS]), "text_model.")
    model = tower(SiglipTextModel, settings().text_config, tensors)
    read = tokenizer(files[VOCABULARY])

    def encode(given: Sequence[str]) -> Vectors:
        tokens = [text.ids for text in read.encode_batch([text.lower() for text in given])]
        with torch.inference_mode():
            return model(input_ids=torch.tensor(tokens)).pooler_output.numpy()

    return Embedder(as_seen, in_batches(encode))


PUBLISHED = Published(
    place="google/siglip2-base-patch16-224",
    revision="75de2d55ec2d0b4efc50b3e9ad70dba96a7b2fa2",
    files=(
        File(
            WEIGHTS,
            1_500_800_904,
            "612923381c76ec5a9bed335d1c48827e3f2e506ac31b044b63b2031fadee6a0b",
        ),
        File(VOCABULARY, 34_400_000),
    ),
    open=open_files,
    module=module,
)

BACKBONE = Backbone(
    key="siglip2-base-patch16-224",
    dim=DIM,
    side=SIDE,
    mean=(127.5, 127.5, 127.5),
    deviation=(127.5, 127.5, 127.5),
    preprocessing=preprocessing,
    module=unbound,
)

METHOD = Method(
    key="siglip2",
    title="SigLIP 2 base",
    family="Image-text",
    summary="Looks for what captions in over a hundred languages tell apart.",
    weights="Google's SigLIP 2 ViT-B/16 at 224 px (375 M parameters), trained on WebLI, ten "
    "billion pictures from the web with texts in 109 languages, of which nine in ten were taken in "
    "English; WebLI is not published.",
    licence="Apache-2.0",
    revision="base-patch16-224-1",
    dim=DIM,
    answers_text=True,
    year=2025,
    parameters=375_187_970,
    source="https://huggingface.co/google/siglip2-base-patch16-224",
    load=unbound,
    backbone=BACKBONE,
    knows_colours=True,
    published=PUBLISHED,
)
