"""Small pictures that differ, as files."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw


def draw(seed: int, size: tuple[int, int] = (48, 40)) -> Image.Image:
    """A structured picture on white: a few ellipses and boxes, different for every seed."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(4):
        x, y = (rng.uniform(0, 0.7, 2) * size).astype(int)
        width, height = (rng.uniform(0.15, 0.5, 2) * size).astype(int)
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape([int(x), int(y), int(x + width), int(y + height)], fill=colour)
    return picture


def encode(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The picture as a file of that kind."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def write_pictures(folder: Path, count: int, first: int = 0) -> Path:
    """Write a folder of different pictures, from 000.png on; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(first, first + count):
        (folder / f"{seed:03}.png").write_bytes(encode(draw(seed)))
    return folder
