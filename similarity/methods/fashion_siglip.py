"""Marqo-FashionSigLIP (Zhu et al. 2024, arXiv:2404.08535): SigLIP, taught by fashion products.

By open_clip, as the card of Marqo/marqo-fashionSigLIP shows first; its licence, Apache-2.0, is
there too. The card's other way, remote code for transformers, is not used. The network is
open_clip's ViT-B-16-SigLIP. Pictures as its open_clip_config.json says: the whole picture squashed
to 224 px, bicubic, from -1 to 1. Texts as open_clip's configuration says: without punctuation, in
small letters, 64 tokens, filled up with the token that special_tokens_map.json names; without a
template, as in the card's example.
"""

import json
from collections.abc import Sequence
from typing import Any

from PIL import Image

from similarity.methods import by_open_clip
from similarity.methods.base import Embedder, File, Files, Method, Published, unbound
from similarity.methods.by_open_clip import OLDER, WEIGHTS

NAME = "ViT-B-16-SigLIP"
DIM, SIDE = 768, 224
TOKENS = 64  # of a text, the rest is cut off
WORDS = 32_000  # in T5's vocabulary of C4, beside some that no text has
VOCABULARY, SPECIAL = "tokenizer.json", "special_tokens_map.json"


def tokenizer(files: Files) -> tuple[by_open_clip.Read, list[int]]:
    """How texts are read, and the tokens that say nothing. Raises any exception if it can't be."""
    import torch
    from open_clip.tokenizer import get_clean_fn
    from tokenizers import Tokenizer

    tokens = Tokenizer.from_file(str(files[VOCABULARY]))
    special = json.loads(files[SPECIAL].read_text(encoding="utf-8"))
    names = {
        name: token["content"] if isinstance(token, dict) else token
        for name, token in special.items()
        if name in ("pad_token", "eos_token", "unk_token")
    }
    ids = {name: tokens.token_to_id(token) for name, token in names.items()}
    known = [number for number in ids.values() if number is not None]
    if len(known) < 3 or tokens.encode("a").ids[-1] != ids["eos_token"]:
        raise ValueError("its tokenizer ends no text")
    tokens.enable_truncation(TOKENS)
    tokens.enable_padding(length=TOKENS, pad_id=ids["pad_token"], pad_token=names["pad_token"])
    clean = get_clean_fn("canonicalize")

    def read(given: Sequence[str]) -> Any:
        return torch.tensor([each.ids for each in tokens.encode_batch([*map(clean, given)])])

    space = tokens.token_to_id("▁")  # what T5 puts before a sign that it doesn't know
    return read, known if space is None else [*known, space]


def open_files(files: Files) -> Embedder:
    """The loaded words. Raises any exception if the files are not this network's."""
    return by_open_clip.words(NAME, files[WEIGHTS], *tokenizer(files))


PUBLISHED = Published(
    place="Marqo/marqo-fashionSigLIP",
    revision="c56244cc94f92419e8369fa71efdaf403b124ce8",
    files=(
        File(
            WEIGHTS,
            812_658_408,
            "88908200434959fa3154ef79d408aac33341e8797fe5ca8ca6f0463aab32e6b3",
            (OLDER,),
        ),
        File(VOCABULARY, 2_420_000),
        File(SPECIAL, 2_530),
    ),
    open=open_files,
    module=lambda files: by_open_clip.pictures(NAME, files[WEIGHTS]),
)

METHOD = Method(
    key="fashion_siglip",
    title="FashionSigLIP",
    family="Image-text",
    summary="Looks for what shops write about clothes: kind, colour, material, style.",
    weights="Marqo-FashionSigLIP, a ViT-B/16 at 224 px (203 M parameters): Google's SigLIP, "
    "fine-tuned by Marqo on over a million fashion products with titles, descriptions, colours, "
    "materials and categories, which are not published.",
    licence="Apache-2.0",
    revision="vit-b-16-siglip-1",
    dim=DIM,
    answers_text=True,
    year=2024,
    parameters=203_155_970,
    source="https://huggingface.co/Marqo/marqo-fashionSigLIP",
    load=unbound,
    backbone=by_open_clip.backbone("marqo-fashion-siglip", DIM, SIDE, Image.Resampling.BICUBIC),
    knows_colours=True,
    published=PUBLISHED,
)
