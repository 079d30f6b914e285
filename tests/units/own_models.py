"""What users bring, small: a folder of transformers, a Python file, a file of vectors."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from harness.architectures import ARCHITECTURES

MINE = """
import numpy as np

TITLE = "Mean colours"
LICENCE = "CC0-1.0"


class MeanColours:
    def embed_images(self, images):
        return np.stack([np.asarray(image.resize((4, 4))).ravel() + 1 for image in images])

    def embed_texts(self, texts):
        return np.stack([np.arange(48) % (len(text) + 2) + 1 for text in texts])


def load():
    return MeanColours()
"""
DIM = 48  # of what MINE returns
PICTURES = 12  # of the shop that `build_shop` builds

Build = Callable[..., int]  # takes methods, returns the exit status


def write_model(folder: Path, loader: str = "hf", name: str = "DINOv2") -> Path:
    """Write the folder of a small model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        next(each for each in ARCHITECTURES if (each.loader, each.name) == (loader, name)).write(
            folder
        )
    return folder


def write_mine(path: Path, code: str = MINE) -> Path:
    """Write a Python file with a method."""
    path.write_text(code, encoding="utf-8")
    return path


def make_vectors(pictures: Path, dim: int = DIM) -> pd.DataFrame:
    """Return a table of random vectors for the pictures of a folder."""
    paths = sorted(p.relative_to(pictures).as_posix() for p in pictures.rglob("*") if p.is_file())
    vectors = np.random.default_rng(0).normal(size=(len(paths), dim)).astype(np.float32)
    return pd.DataFrame({"path": paths, "vector": list(vectors)})
