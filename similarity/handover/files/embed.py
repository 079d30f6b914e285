"""Embed pictures or words as the vectors of the products: python embed.py PICTURE, or --text WORDS.

Prints the nearest products. Needs requirements.txt and the files beside it, and nothing else.
"""

import sys
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps
from vectors import DECISION, FOLDER, Vectors, read_all

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # sends nothing
import openvino  # noqa: E402

SETTINGS, SIDE = DECISION["embedding"], DECISION["embedding"]["side"]


def load_network(name: str) -> Any:
    """Load a network for this processor, in the precision of the products' vectors."""
    precision = {"INFERENCE_PRECISION_HINT": "f32"}
    return openvino.Core().compile_model(str(FOLDER / name), "CPU", precision)


def read_picture(path: str) -> Image.Image:
    """Return a picture in sRGB, upright, with transparency on white."""
    with Image.open(path) as file:
        profile, picture = file.info.get("icc_profile"), ImageOps.exif_transpose(file)
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    rgb: Any = picture.convert("RGB")
    if profile and picture.mode in ("RGB", "RGBA"):
        source, target = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        way = ImageCms.Intent.RELATIVE_COLORIMETRIC, "RGB", False
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        rgb = ImageCms.profileToProfile(rgb, source, target, *way, flags)
    return Image.composite(rgb, Image.new("RGB", rgb.size, "white"), alpha) if alpha else rgb


def prepare(picture: Image.Image) -> np.ndarray:
    """Return a picture as a square: uint8 (side, side, 3)."""
    bicubic = Image.Resampling.BICUBIC
    if SETTINGS["framing"] == "fit":  # the largest square in the middle
        return np.asarray(ImageOps.fit(picture, (SIDE, SIDE), bicubic))
    return np.asarray(picture.resize((SIDE, SIDE), bicubic))  # all of it, squashed


def embed_pictures(paths: Sequence[str]) -> Vectors:
    """Return unit vectors of pictures: (n, dim)."""
    pictures = [read_picture(path) for path in paths]
    inputs = [np.stack([prepare(picture) for picture in pictures])]
    if SETTINGS.get("colours"):
        from colours import compute_colours

        inputs.append(np.stack([compute_colours(picture) for picture in pictures]))
    return normalise(load_network("pictures.xml")(inputs)[0])


def embed_texts(texts: Sequence[str]) -> Vectors:
    """Return unit vectors of texts in the space of the pictures: (n, dim)."""
    from tokenizers import Tokenizer

    encodings = Tokenizer.from_file(str(FOLDER / "tokenizer.json")).encode_batch(list(texts))
    inputs = [[each.ids for each in encodings], [each.attention_mask for each in encodings]]
    return normalise(load_network("texts.xml")([np.array(each, np.int64) for each in inputs])[0])


def normalise(vectors: np.ndarray) -> Vectors:
    """Scale vectors (n, dim) to unit length."""
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


if __name__ == "__main__":
    _, *words = sys.argv
    query = embed_texts([" ".join(words[1:])]) if words[0] == "--text" else embed_pictures(words)
    products, gallery = read_all()
    for scores in query @ gallery.T:
        for place in np.argsort(-scores, kind="stable")[:10]:
            print(f"{scores[place]:.4f}", products[place])
