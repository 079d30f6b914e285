"""Use every packaged method and three larger ones in one process, and print what memory they take.

`python -m tests.units.using LAYERS`, with the limit in the environment. The larger ones have random
weights: two towers of LAYERS layers, one for pictures and one for texts, as CLIP has.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import psutil
from PIL import Image

from similarity import METHODS
from similarity.embedding import embed_pictures, embed_query, embed_texts, use_embedder
from similarity.methods import Embedder, Method, Vectors
from similarity.methods.base import Backbone, return_features
from similarity.networks import count_bytes, get_limit, networks

WIDTH, SIDE = 2048, 64
PICTURE = Image.new("RGB", (SIDE, SIDE), "red")


def make_tower(layers: int) -> Any:
    """Return a torch module of layers with random weights, of 17 MB each: (n, WIDTH) to itself."""
    import torch
    from torch import nn

    tower = nn.Sequential(*(nn.utils.skip_init(nn.Linear, WIDTH, WIDTH) for _ in range(layers)))
    for layer in tower:
        layer.weight = nn.Parameter(torch.rand(WIDTH, WIDTH) / WIDTH)
        layer.bias = nn.Parameter(torch.rand(WIDTH))
    return tower.eval()


def make_method(number: int, layers: int) -> Method:
    """Return a method whose picture and text towers have random weights."""

    def build_module() -> Any:
        from torch import nn

        class Pictures(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.tower = make_tower(layers)

            def forward(self, pictures: Any) -> Any:
                return self.tower(pictures.flatten(1)[:, :WIDTH])

        return Pictures().eval()

    def load() -> Embedder:
        import torch

        tower = make_tower(layers)

        def encode(texts: Sequence[str]) -> Vectors:
            with torch.inference_mode():
                return tower(torch.ones(len(texts), WIDTH)).numpy()

        return Embedder(return_features, encode, count_bytes(tower))

    return Method(
        key=f"large{number}",
        title=f"Large {number}",
        family="Image-text",
        summary="",
        weights="",
        licence="",
        revision="1",
        dim=WIDTH,
        answers_text=True,
        load=load,
        backbone=Backbone(
            key=f"large{number}",
            dim=WIDTH,
            side=SIDE,
            mean=(127, 127, 127),
            deviation=(128, 128, 128),
            make_preprocessing=lambda: lambda picture: np.asarray(picture.resize((SIDE, SIDE))),
            build_module=build_module,
        ),
    )


def measure_memory() -> float:
    """Return the memory that this process uses: bytes."""
    return psutil.Process().memory_info().rss


def use(method: Method) -> None:
    """Embed a picture and a text, as visitors do."""
    embed_query(method, image=PICTURE)
    if method.answers_text:
        embed_texts(method, ["a hat"])


def main() -> None:
    """Print the bytes that are used above what the libraries take, at most and by their own count.

    What is counted after each method is what stays, not what loading it took for a moment.
    """
    layers = int(sys.argv[1])
    packaged = [method for method in METHODS.values() if not method.published]
    for method in [*packaged, make_method(0, 1)]:
        use(method)  # imports libraries, which stay
    networks.release_idle()
    base, most, counted, total = measure_memory(), 0.0, 0, 0
    large = [make_method(number, layers) for number in (1, 2, 3)]
    for method in [*packaged, *large, *packaged]:
        use(method)
        most = max(most, measure_memory() - base)
        counted = max(counted, sum(network.size for network in networks.describe_loaded()))
    for method in large:  # still usable after they were let go
        total += len(embed_pictures(method, [PICTURE]))
        with use_embedder(method):
            pass
    assert total == len(large)
    print(json.dumps({"used": most, "counted": counted, "limit": get_limit()}))


if __name__ == "__main__":
    main()
