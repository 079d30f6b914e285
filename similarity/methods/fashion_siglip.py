"""Marqo-FashionSigLIP (Zhu et al. 2024, arXiv:2404.08535): SigLIP fine-tuned on fashion products.

Loaded by open_clip, the first way on the card of Marqo/marqo-fashionSigLIP, which also states its
licence, Apache-2.0. The other way, remote code for transformers, is not used. The network is
open_clip's ViT-B-16-SigLIP. Pictures are preprocessed as in open_clip_config.json: the whole
picture squashed to 224 px, bicubic, scaled to -1 to 1. Texts follow open_clip's configuration:
lower case, without punctuation, 64 tokens, padded with the token in special_tokens_map.json;
without a template, as in the card's example.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from PIL import Image

from similarity.methods import by_open_clip
from similarity.methods.base import (
    Embedder,
    File,
    Files,
    Method,
    Published,
    TextNetwork,
    reject_unbound,
)
from similarity.methods.by_open_clip import OLDER_WEIGHTS, WEIGHTS

NAME = "ViT-B-16-SigLIP"
DIM, SIDE = 768, 224
TOKENS = 64  # longer texts are cut off
VOCABULARY_SIZE = 32_000  # in T5's vocabulary of C4, plus some words that no text contains
VOCABULARY, SPECIAL = "tokenizer.json", "special_tokens_map.json"


def load_tokenizer(files: Files) -> tuple[Any, list[int]]:
    """Load T5's tokenizer, and list its tokens without meaning.

    Raises any exception if the files aren't a tokenizer.
    """
    from tokenizers import Tokenizer

    tokens = Tokenizer.from_file(str(files[VOCABULARY]))
    special = json.loads(files[SPECIAL].read_text(encoding="utf-8"))
    names = {
        name: token["content"] if isinstance(token, dict) else token
        for name, token in special.items()
        if name in ("pad_token", "eos_token", "unk_token")
    }
    ids = {name: tokens.token_to_id(token) for name, token in names.items()}
    empty_tokens = [number for number in ids.values() if number is not None]
    if len(empty_tokens) < 3 or tokens.encode("a").ids[-1] != ids["eos_token"]:
        raise ValueError("its tokenizer doesn't end texts")
    tokens.enable_truncation(TOKENS)
    tokens.enable_padding(length=TOKENS, pad_id=ids["pad_token"], pad_token=names["pad_token"])
    space = tokens.token_to_id("▁")  # T5 puts it before an unknown character
    return tokens, empty_tokens if space is None else [*empty_tokens, space]


def make_tokenizer(files: Files) -> tuple[by_open_clip.Tokenize, list[int]]:
    """Return a tokenizing function, and the tokens without meaning. Raises as `load_tokenizer`."""
    import torch
    from open_clip.tokenizer import get_clean_fn

    tokens, empty_tokens = load_tokenizer(files)
    clean = get_clean_fn("canonicalize")

    def tokenize(texts: Sequence[str]) -> Any:
        return torch.tensor(
            [encoding.ids for encoding in tokens.encode_batch([*map(clean, texts)])]
        )

    return tokenize, empty_tokens


def build_texts(files: Files) -> TextNetwork:
    """Build the text tower and a tokenizer that cleans texts as open_clip does.

    Except for mojibake and HTML entities, which open_clip repairs. Raises any exception if the
    files don't fit.
    """
    from string import punctuation

    from tokenizers import Regex
    from tokenizers.normalizers import Lowercase, Replace, Sequence, Strip

    tokens, _ = load_tokenizer(files)
    clean = [
        Replace("_", " "),
        Replace(Regex(f"[{re.escape(punctuation)}]"), ""),
        Lowercase(),
        Replace(Regex(r"\s+"), " "),
        Strip(),
    ]
    tokens.normalizer = Sequence([*clean, *filter(None, [tokens.normalizer])])
    return TextNetwork(by_open_clip.build_text_module(NAME, files[WEIGHTS]), tokens, TOKENS)


def load_embedder(files: Files) -> Embedder:
    """Load the text tower. Raises any exception if the files don't fit this network."""
    return by_open_clip.load_text_embedder(NAME, files[WEIGHTS], *make_tokenizer(files))


PUBLISHED = Published(
    location="Marqo/marqo-fashionSigLIP",
    revision="c56244cc94f92419e8369fa71efdaf403b124ce8",
    files=(
        File(
            WEIGHTS,
            812_658_408,
            "88908200434959fa3154ef79d408aac33341e8797fe5ca8ca6f0463aab32e6b3",
            (OLDER_WEIGHTS,),
        ),
        File(VOCABULARY, 2_420_000),
        File(SPECIAL, 2_530),
    ),
    load_embedder=load_embedder,
    build_module=lambda files: by_open_clip.load_picture_tower(NAME, files[WEIGHTS]),
    build_texts=build_texts,
)

METHOD = Method(
    key="fashion_siglip",
    title="FashionSigLIP",
    family="Image-text",
    summary="Matches what shops write about clothes: kind, colour, material and style.",
    weights="Marqo-FashionSigLIP, a ViT-B/16 at 224 px (203 M parameters): Google's SigLIP, "
    "fine-tuned by Marqo on over a million fashion products with titles, descriptions, colours, "
    "materials and categories, which are not published.",
    licence="Apache-2.0",
    terms="permissive",
    revision="vit-b-16-siglip-1",
    dim=DIM,
    answers_text=True,
    year=2024,
    parameters=203_155_970,
    source="https://huggingface.co/Marqo/marqo-fashionSigLIP",
    load=reject_unbound,
    backbone=by_open_clip.make_backbone(
        "marqo-fashion-siglip", DIM, SIDE, Image.Resampling.BICUBIC
    ),
    knows_colours=True,
    published=PUBLISHED,
)
