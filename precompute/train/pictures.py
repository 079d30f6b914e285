"""The pictures that a training run learns from: small, upright RGB, kept in memory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from similarity import SimilarityError, open_catalogue
from similarity.catalogue import (
    FACTS,
    NAME,
    Skipped,
    ahead,
    catalogues_folder,
    scan,
    thumbnail_path,
)
from similarity.pictures import as_rgb

HELD_OUT = 20  # one product in so many is not trained on


@dataclass(frozen=True)
class Pictures:
    """A table of products (index: id; columns: category, caption and others) and their files."""

    products: pd.DataFrame
    files: list[Path]  # thumbnails, in the table's order
    names: list[str]  # of the sources, as a person would say them
    skipped: list[Skipped]


def gather(images: list[str], work: Path, progress: Callable[[int, int], None]) -> Pictures:
    """All products of several sources, each once.

    A source is a built catalogue's name or folder, or any folder of pictures, whose thumbnails are
    then written below `work`. Raises SimilarityError if a source has nothing usable.
    """
    tables, files = [], []
    skipped: list[Skipped] = []
    for given in images:
        place = catalogues_folder() / given if NAME.fullmatch(given) else Path(given).expanduser()
        if (place / FACTS).is_file():
            products, folder = open_catalogue(place).products, place
        elif place.is_dir() or Path(given).is_dir():
            folder = work / "pictures"
            found = scan(place if place.is_dir() else Path(given), folder, progress)
            products, skipped = found.products, skipped + found.skipped
        else:
            raise SimilarityError(
                f"'{given}' is neither a built catalogue nor a folder of pictures. "
                "Give a folder, or build the demo: python -m precompute"
            )
        tables.append(products)
        files += [thumbnail_path(folder, product) for product in products.index]
    together = pd.concat(tables).fillna("")
    first = ~together.index.duplicated()
    return Pictures(
        together[first],
        [file for file, keep in zip(files, first, strict=True) if keep],
        [Path(given).name or given for given in images],
        skipped,
    )


def shrink(files: list[Path], side: int, progress: Callable[[int, int], None]) -> list[Image.Image]:
    """The pictures with a shorter side of at most `side` pixels, decoded once for a whole run."""

    def read(file: str) -> Image.Image:
        picture = as_rgb(Path(file))
        scale = side / min(picture.size)
        if scale >= 1:
            return picture
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        return picture.resize(size, Image.Resampling.BICUBIC)

    small = []
    for picture in ahead(read, map(str, files)):
        small.append(picture)
        progress(len(small), len(files))
    return small


def held_out(ids: pd.Index) -> npt.NDArray[np.bool_]:
    """Whether a product is kept from training: bool (n,), decided by its id, so always alike.

    With so few products that this leaves none, the first is.
    """
    aside = np.array([int(product[:8], 16) % HELD_OUT == 0 for product in ids])
    aside[0] |= not aside.any()
    return aside
