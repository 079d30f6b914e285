"""The captions that LiT is trained on, and the products that it is not trained on."""

import zlib
from functools import cache
from pathlib import Path
from string import Formatter

import numpy as np
import numpy.typing as npt
import pandas as pd

from precompute.train.pictures import select_held_out

HELD_OUT_RATIO = 6  # one combination of category and colour in this many is never trained on
TEMPLATES = (
    "{category}",
    "a photo of a {category}",
    "{colour} {category}",
    "a {colour} {category}",
    "{colour} {pattern} {category}",
    "{pattern} {category}",
    "something {colour}",
    "{colour} {pattern} {department}",
)


@cache
def load_glosses() -> dict[str, list[str]]:
    """Return other words for categories whose names say little ('longsleeve')."""
    table = pd.read_csv(Path(__file__).with_name("glosses.csv"))
    return table.groupby("category")["gloss"].apply(list).to_dict()


def make_captions(product: dict[str, str]) -> list[str]:
    """Return a product's caption, and those made from its attributes and its category's glosses."""
    texts = [product.get("caption", "")]
    for template in TEMPLATES:
        fields = [name for _, name, _, _ in Formatter().parse(template) if name]
        if all(product.get(name) for name in fields):
            texts.append(template.format(**product))
    texts += load_glosses().get(product.get("category", ""), [])
    return [text for text in texts if text]


def is_held_out(category: str, colour: str) -> bool:
    """Return whether a combination is excluded from training, which only depends on the words."""
    return bool(colour) and zlib.crc32(f"{colour} {category}".encode()) % HELD_OUT_RATIO == 0


def choose_held_out(products: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which products are excluded from training: bool (n,), by their words and ids only.

    One combination of category and colour in HELD_OUT_RATIO, and some of the other products.
    """
    if products.empty:
        return np.zeros(0, bool)
    colour = products["colour"] if "colour" in products else pd.Series("", products.index)
    pairs = zip(products["category"], colour, strict=True)
    return np.array([is_held_out(*pair) for pair in pairs]) | select_held_out(products.index)
