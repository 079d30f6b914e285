"""A small version of locked-image-text tuning (Zhai et al. 2022, arXiv:2111.07991).

Both towers are packaged and locked: EfficientNet-Lite0 for pictures and MiniLM for texts.
`precompute.train lit` trains a small network that maps the CNN's features and the product's colours
to the space of texts. The ConSE vector is added to its output. It is long where the CNN is sure of
a class and short where it isn't, so things that no training caption mentions can be found as well.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from similarity.compiled import ModuleSource, Run, load_module
from similarity.loading import load_once
from similarity.methods import colours, conse, lite0, minilm
from similarity.methods.base import Embedder, MethodInputs, Vectors

HIDDEN = 640
DIM = conse.DIM
PARAMETERS = conse.METHOD.parameters + 1_138_944  # including both locked towers
INPUTS = lite0.DIM + colours.DIM
ARCHITECTURE = f"lit-{lite0.DIM}-{colours.DIM}-{HIDDEN}-{DIM}-conse"
NETWORK_PREFIX = "network."  # prefix of the trained network's tensors
SHAPES = {
    "0.weight": (HIDDEN, INPUTS),
    "0.bias": (HIDDEN,),
    "2.weight": (DIM, HIDDEN),
    "2.bias": (DIM,),
}


def build_network() -> Any:
    """Build the untrained network: standardised inputs (n, 1280 + 114) to (n, 384)."""
    from torch.nn import GELU, Linear, Sequential

    return Sequential(Linear(INPUTS, HIDDEN), GELU(), Linear(HIDDEN, DIM))


def add_conse(projected: Any, conse_vectors: Any) -> Any:
    """Return the network's output at unit length plus ConSE's vectors: tensors (n, 384)."""
    from torch.nn.functional import normalize

    return normalize(projected, dim=1) + conse_vectors


def centre_texts(vectors: Vectors, mean: Vectors) -> Vectors:
    """Return text vectors (n, 384) minus the mean text, at unit length."""
    difference = vectors - mean
    return difference / np.linalg.norm(difference, axis=1, keepdims=True)


def _make_source(weights: Mapping[str, npt.NDArray[Any]]) -> ModuleSource:
    """Return a trained network combined with ConSE: (n, 1394) and (n, 384) to (n, 384)."""

    def build_module() -> Any:
        import torch

        class Combined(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.learnt = build_network()

            def forward(self, inputs: Any, conse_vectors: Any) -> Any:
                return add_conse(self.learnt(inputs), conse_vectors)

        combined = Combined().eval()
        combined.learnt.load_state_dict(
            {k: torch.from_numpy(values) for k, values in weights.items()}
        )
        return combined

    digest = hashlib.sha256(b"".join(weights[name].tobytes() for name in SHAPES)).hexdigest()
    example = np.zeros((2, INPUTS), np.float32), np.ones((2, DIM), np.float32)
    return ModuleSource(f"lit-{digest[:16]}", [], build_module, example, [[-1, INPUTS], [-1, DIM]])


def build_head(tensors: Mapping[str, npt.NDArray[Any]]) -> Any:
    """Build what `load` computes of pictures as a torch module, from a trained file's tensors.

    Features (n, 1280) and colours (n, 114) to vectors (n, 384).
    """
    names = centre_texts(conse.embed_class_names(), tensors["text_mean"])
    average = conse.build_head(names)  # first, because it imports torch
    import torch

    class Tower(torch.nn.Module):
        mean: torch.Tensor
        deviation: torch.Tensor

        def __init__(self) -> None:
            super().__init__()
            self.learnt, self.average = build_network(), average
            for name in ("mean", "deviation"):
                self.register_buffer(name, torch.from_numpy(tensors[name]))

        def forward(self, features: Any, colours: Any) -> Any:
            inputs = (torch.cat([features, colours], 1) - self.mean) / self.deviation
            return add_conse(self.learnt(inputs), self.average(features))

    tower = Tower().eval()
    tower.learnt.load_state_dict(
        {name: torch.from_numpy(tensors[NETWORK_PREFIX + name]) for name in SHAPES}
    )
    return tower


def load(tensors: Mapping[str, npt.NDArray[Any]], facts: Mapping[str, Any]) -> Embedder:
    """Load the embedder of a trained file.

    Raises RuntimeError, ValueError or KeyError if the file isn't one.
    """
    mean, deviation, text_mean = tensors["mean"], tensors["deviation"], tensors["text_mean"]
    if (mean.shape, deviation.shape, text_mean.shape) != ((INPUTS,), (INPUTS,), (DIM,)):
        raise ValueError("its means have the wrong shapes")
    weights = {
        name.removeprefix(NETWORK_PREFIX): values
        for name, values in tensors.items()
        if name.startswith(NETWORK_PREFIX)
    }
    if {name: values.shape for name, values in weights.items()} != SHAPES:
        raise ValueError("its network has the wrong shapes")
    minilm.load_network()

    @load_once()
    def load_tower() -> tuple[Run, Vectors]:
        """Return the trained network and ConSE's class vectors; text queries need neither."""
        return load_module(_make_source(weights)), centre_texts(
            conse.embed_class_names(), text_mean
        )

    def embed_pictures(colours: MethodInputs, features: Vectors) -> Vectors:
        run, names = load_tower()
        inputs = (np.hstack([features, colours]) - mean) / deviation
        return run(inputs, conse.average_class_vectors(features, names))

    def embed_texts(texts: Sequence[str]) -> Vectors:
        return minilm.embed_queries(texts) - text_mean

    return Embedder(embed_pictures=embed_pictures, embed_texts=embed_texts)
