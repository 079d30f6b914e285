"""Embed, and print the nearest products: python embed.py PICTURE, or embed.py --text WORDS."""

import sys
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms, ImageOps
from vectors import DECISION, FOLDER, Vectors, read_all

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # sends nothing
import openvino  # noqa: E402

SETTINGS, SIDE = DECISION["embedding"], DECISION["embedding"]["side"]


def load_network(name: str, precision: str = "f32") -> openvino.CompiledModel:
    """Load a network for this processor."""
    options = {"INFERENCE_PRECISION_HINT": precision}
    return openvino.Core().compile_model(str(FOLDER / name), "CPU", options)


def read_picture(path: str) -> Image.Image:
    """Return a picture in sRGB, upright, with transparency on white."""
    with Image.open(path) as file:
        profile, picture = file.info.get("icc_profile"), ImageOps.exif_transpose(file)
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    rgb = picture.convert("RGB")
    if profile and picture.mode in ("RGB", "RGBA"):
        source, target = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        way = ImageCms.Intent.RELATIVE_COLORIMETRIC, "RGB", False
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        rgb = ImageCms.profileToProfile(rgb, source, target, *way, flags)
    return Image.composite(rgb, Image.new("RGB", rgb.size, "white"), alpha) if alpha else rgb


def prepare(picture: Image.Image) -> np.ndarray:
    """Return a picture as a square, as in training: uint8 (side, side, 3)."""
    mode, resample = SETTINGS["mode"], Image.Resampling[SETTINGS["filter"]]
    if mode == "fit":  # the largest square in the middle
        return np.asarray(ImageOps.fit(picture, (SIDE, SIDE), resample))
    if mode == "squash":  # all of it
        return np.asarray(picture.resize((SIDE, SIDE), resample))
    size = [int(SETTINGS["shorter"] * each / min(picture.size)) for each in picture.size]
    left, top = ((round if SETTINGS["rounds"] else int)((each - SIDE) / 2) for each in size)
    return np.asarray(picture.resize(size, resample))[top : top + SIDE, left : left + SIDE]


def embed_pictures(paths: Sequence[str]) -> Vectors:
    """Return unit vectors of pictures: (n, dim)."""
    pictures = [read_picture(path) for path in paths]
    inputs = [np.stack([prepare(picture) for picture in pictures])]
    if SETTINGS.get("colours"):
        from colours import compute_colours

        inputs.append(np.stack([compute_colours(picture) for picture in pictures]))
    return normalise(load_network("pictures.xml", SETTINGS["precision"])(inputs)[0])


def embed_texts(texts: Sequence[str]) -> Vectors:
    """Return unit vectors of texts in the space of the pictures: (n, dim)."""
    from tokenizers import Tokenizer

    network = load_network("texts.xml")
    tokens = Tokenizer.from_file(str(FOLDER / "tokenizer.json")).encode_batch(list(texts))
    inputs = [np.array([t.ids for t in tokens]), np.array([t.attention_mask for t in tokens])]
    return normalise(network(inputs[: len(network.inputs)])[0])


def normalise(vectors: np.ndarray) -> Vectors:
    """Scale vectors (n, dim) to unit length."""
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


if __name__ == "__main__":
    words, (products, gallery) = sys.argv[1:] or sys.exit(__doc__), read_all()
    query = embed_texts([" ".join(words[1:])]) if words[0] == "--text" else embed_pictures(words)
    for scores in query @ gallery.T:
        for place in np.argsort(-scores, kind="stable")[:10]:
            print(f"{scores[place]:.4f}", products[place])
