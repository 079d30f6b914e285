"""Words of some 50 languages in the space of CLIP's pictures (Reimers and Gurevych 2020,
arXiv:2004.09813): sentence-transformers' `clip-ViT-B-32-multilingual-v1`, read as `clip` is."""

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
    no_pictures,
    unbound,
)
from similarity.methods.tensors import read_tensors
from similarity.methods.texts import check_readable, in_batches

TOKENS = 128  # of a text, the rest is cut off
WORDS = 119_547  # in the vocabulary
WEIGHTS, DENSE, VOCABULARY = "model.safetensors", "2_Dense/model.safetensors", "vocab.txt"


def settings() -> Any:
    """Of multilingual DistilBERT: transformers' defaults but for the vocabulary."""
    from transformers import DistilBertConfig

    return DistilBertConfig(vocab_size=WORDS)


def network() -> Any:
    """Multilingual DistilBERT with random weights."""
    from transformers import DistilBertModel

    return DistilBertModel(settings())


def tokenizer(path: Path) -> Any:
    """The tokenizer of a vocab.txt, a word a line, or of a tokenizer.json."""
    from transformers import BertTokenizer

    content = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        words = json.loads(content)["model"]["vocab"]
    else:
        words = {word: number for number, word in enumerate(content.rstrip("\n").split("\n"))}
    return BertTokenizer(vocab=words, do_lower_case=False, model_max_length=TOKENS)


def open_files(files: Files) -> Embedder:
    """The loaded words. Raises any exception if the files are not this network's."""
    import torch

    model = network()
    model.load_state_dict(read_tensors(files[WEIGHTS]))
    model.eval()
    dense = torch.nn.Linear(model.config.dim, clip.DIM, bias=False)
    dense.load_state_dict(
        {name.removeprefix("linear."): v for name, v in read_tensors(files[DENSE]).items()}
    )
    read = tokenizer(files[VOCABULARY])
    if len(read) != WORDS:
        raise ValueError(f"its vocabulary has {len(read):,} words")

    def encode(given: Sequence[str]) -> Vectors:
        tokens = read(
            list(given), padding=True, truncation=True, max_length=TOKENS, return_tensors="pt"
        )
        check_readable(tokens["input_ids"].tolist(), read.all_special_ids)
        mask = tokens["attention_mask"]
        with torch.inference_mode():
            states = model(input_ids=tokens["input_ids"], attention_mask=mask).last_hidden_state
            mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            return dense(mean).numpy()

    return Embedder(pictures=no_pictures, texts=in_batches(encode))


PUBLISHED = Published(
    place="sentence-transformers/clip-ViT-B-32-multilingual-v1",
    revision="58edf8cada9e398793dca955574a48cbb7f18be2",
    files=(
        File(WEIGHTS, 538_947_416, others=("pytorch_model.bin",)),
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
    open=open_files,
)

METHOD = Method(
    key="clip_multilingual",
    title="CLIP multilingual",
    family="Image-text, for many languages",
    summary="Compares CLIP's pictures with words of some fifty languages.",
    weights="CLIP ViT-B/32 for pictures; for words sentence-transformers' "
    "clip-ViT-B-32-multilingual-v1 (135 M parameters), taught CLIP's English vectors from "
    "translations.",
    licence="Apache-2.0 for the words; pictures as CLIP ViT-B/32",
    revision="vit-b-32-multilingual-v1-1",
    dim=clip.DIM,
    answers_text=True,
    year=2020,
    parameters=clip.METHOD.parameters + 135_127_296,
    source="https://huggingface.co/sentence-transformers/clip-ViT-B-32-multilingual-v1",
    load=unbound,
    knows_colours=True,
    published=PUBLISHED,
    pictures_by=clip.METHOD,
)
