"""The pictures that a training run learns from: small, upright RGB, kept in memory."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from precompute.products import scan
from precompute.scan import Thumbnails
from precompute.walk import Skipped
from similarity import SimilarityError, open_catalogue
from similarity.commands import PRECOMPUTE
from similarity.pictures import as_rgb, read_bytes, read_picture
from similarity.store.generations import CURRENT
from similarity.store.paths import NAME, catalogues_folder
from similarity.threads import ahead

Thumbnail = Callable[[], bytes]  # reads it
Original = Callable[[], Image.Image]

HELD_OUT = 20  # one product in so many is not trained on


@dataclass(frozen=True)
class Pictures:
    """A table of products (index: id; columns: category, caption and others) and their pictures."""

    products: pd.DataFrame
    thumbnails: list[Thumbnail]  # in the table's order
    originals: list[Original]  # the same pictures as a build reads them
    names: list[str]  # of the sources, as a person would say them
    skipped: list[Skipped]


def gather(images: list[str], work: Path, progress: Callable[[int, int], None]) -> Pictures:
    """All products of several sources, each once.

    A source is a built catalogue's name or folder, or any folder of pictures, whose thumbnails are
    then written below `work`. Raises SimilarityError if a source has nothing usable.
    """
    tables: list[pd.DataFrame] = []
    thumbnails: list[Thumbnail] = []
    originals: list[Original] = []
    skipped: list[Skipped] = []
    names: list[str] = []
    for given in images:
        place = catalogues_folder() / given if NAME.fullmatch(given) else Path(given).expanduser()
        if (place / CURRENT).is_file():
            catalogue = open_catalogue(place)
            products = catalogue.products
            names.append(catalogue.name)
            thumbnails += [partial(catalogue.thumbnail, product) for product in products.index]
            originals += [partial(catalogue.picture, product) for product in products.index]
        elif place.is_dir() or Path(given).is_dir():
            made, source = Thumbnails(work / "pictures"), place if place.is_dir() else Path(given)
            names.append("/".join(source.resolve().parts[-2:]))  # of .../clothing/train, both
            found = scan(source, made, progress)
            products, skipped = found.products, skipped + found.skipped
            thumbnails += [partial(read_bytes, made.place(product)) for product in products.index]
            originals += [partial(as_rgb, source / path) for path in products["path"]]
        else:
            raise SimilarityError(
                f"'{given}' is neither a built catalogue nor a folder of pictures. "
                f"Give a folder, or build the demo: {PRECOMPUTE}"
            )
        tables.append(products)
    together = pd.concat(tables).fillna("")
    first = ~together.index.duplicated()
    return Pictures(
        together[first],
        [read for read, keep in zip(thumbnails, first, strict=True) if keep],
        [read for read, keep in zip(originals, first, strict=True) if keep],
        names,
        skipped,
    )


def shrink(
    pictures: Pictures, side: int, progress: Callable[[int, int], None]
) -> npt.NDArray[np.uint8]:
    """The pictures squashed to squares, decoded once for a whole run: (n, side, side, 3).

    Raises SimilarityError if one of them is gone or damaged by now.
    """

    def decode(row: int) -> Image.Image:
        try:
            picture = read_picture(pictures.thumbnails[row]())
        except SimilarityError as error:
            raise SimilarityError(
                f"The thumbnail of '{pictures.products['path'].iloc[row]}' is lost: {error}",
                *error.remedies,
            ) from error
        return picture.resize((side, side), Image.Resampling.BICUBIC)

    count = len(pictures.thumbnails)
    small = np.empty((count, side, side, 3), np.uint8)
    for row, picture in enumerate(ahead(decode, range(count))):
        small[row] = np.asarray(picture)
        progress(row + 1, count)
    return small


def held_out(ids: pd.Index) -> npt.NDArray[np.bool_]:
    """Whether a product is kept from training: bool (n,), decided by its id, so always alike.

    With so few products that this leaves none, the first is.
    """
    aside = np.array([int(product[:8], 16) % HELD_OUT == 0 for product in ids])
    aside[0] |= not aside.any()
    return aside
