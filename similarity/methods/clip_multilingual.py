"""Texts in some 50 languages in the space of CLIP's pictures.

Reimers and Gurevych 2020, arXiv:2004.09813: sentence-transformers' `clip-ViT-B-32-multilingual-v1`,
loaded as in `clip`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from similarity.methods import clip
from similarity.methods.base import (
    Embedder,
    File,
    Files,
    Method,
    Published,
    Vectors,
    reject_pictures,
    reject_unbound,
)
from similarity.methods.tensors import read_tensors
from similarity.methods.texts import check_readable, encode_in_batches
from similarity.networks import count_bytes

TOKENS = 128  # longer texts are cut off
VOCABULARY_SIZE = 119_547  # words in the vocabulary
WEIGHTS, DENSE, VOCABULARY = "model.safetensors", "2_Dense/model.safetensors", "vocab.txt"


def make_settings() -> Any:
    """Return the settings of multilingual DistilBERT: defaults except for the vocabulary."""
    from transformers import DistilBertConfig

    return DistilBertConfig(vocab_size=VOCABULARY_SIZE)


def build_network() -> Any:
    """Build multilingual DistilBERT with random weights."""
    from transformers import DistilBertModel

    return DistilBertModel(make_settings())


def make_tokenizer(path: Path) -> Any:
    """Create the tokenizer of a vocab.txt, with one word per line, or of a tokenizer.json."""
    from transformers import BertTokenizer

    content = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        words = json.loads(content)["model"]["vocab"]
    else:
        words = {word: number for number, word in enumerate(content.rstrip("\n").split("\n"))}
    return BertTokenizer(vocab=words, do_lower_case=False, model_max_length=TOKENS)


def load_embedder(files: Files) -> Embedder:
    """Load the text tower. Raises any exception if the files don't fit this network."""
    import torch

    model = build_network()
    model.load_state_dict(read_tensors(files[WEIGHTS]))
    model.eval()
    dense = torch.nn.Linear(model.config.dim, clip.DIM, bias=False)
    dense.load_state_dict(
        {name.removeprefix("linear."): v for name, v in read_tensors(files[DENSE]).items()}
    )
    tokenize = make_tokenizer(files[VOCABULARY])
    if len(tokenize) != VOCABULARY_SIZE:
        raise ValueError(f"its vocabulary has {len(tokenize):,} words")

    def encode(texts: Sequence[str]) -> Vectors:
        tokens = tokenize(
            list(texts), padding=True, truncation=True, max_length=TOKENS, return_tensors="pt"
        )
        check_readable(tokens["input_ids"].tolist(), tokenize.all_special_ids)
        mask = tokens["attention_mask"]
        with torch.inference_mode():
            states = model(input_ids=tokens["input_ids"], attention_mask=mask).last_hidden_state
            mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            return dense(mean).numpy()

    size = count_bytes(model) + count_bytes(dense)
    return Embedder(reject_pictures, encode_in_batches(encode), size)


PUBLISHED = Published(
    location="sentence-transformers/clip-ViT-B-32-multilingual-v1",
    revision="58edf8cada9e398793dca955574a48cbb7f18be2",
    files=(
        File(WEIGHTS, 538_947_416, alternative_names=("pytorch_model.bin",)),
        File(
            DENSE,
            1_572_984,
            "d12568dc7300970a4d3dbb49068ad16cd89b99840b74b026f8e48071e9414f74",
            ("2_Dense/pytorch_model.bin",),
        ),
        File(
            VOCABULARY,
            995_526,
            "fe0fda7c425b48c516fc8f160d594c8022a0808447475c1a7c6d6479763f310c",
            ("tokenizer.json",),
        ),
    ),
    load_embedder=load_embedder,
)

METHOD = Method(
    key="clip_multilingual",
    title="CLIP multilingual",
    family="Image-text, for many languages",
    summary="Searches CLIP's pictures in some fifty languages.",
    weights="CLIP ViT-B/32 for pictures; for words sentence-transformers' "
    "clip-ViT-B-32-multilingual-v1 (135 M parameters), trained to reproduce CLIP's English "
    "vectors from translations.",
    licence="Apache-2.0 for the words; pictures as CLIP ViT-B/32",
    revision="vit-b-32-multilingual-v1-1",
    dim=clip.DIM,
    answers_text=True,
    languages=50,
    year=2020,
    parameters=clip.METHOD.parameters + 135_127_296,
    source="https://huggingface.co/sentence-transformers/clip-ViT-B-32-multilingual-v1",
    load=reject_unbound,
    knows_colours=True,
    published=PUBLISHED,
    pictures_by=clip.METHOD,
)
