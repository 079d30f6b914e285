"""The pictures that a training run uses: small, upright RGB, kept in memory."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from precompute.products import scan
from precompute.scan import ThumbnailStore
from precompute.walk import Skipped
from similarity import SimilarityError, open_catalogue
from similarity.commands import PRECOMPUTE
from similarity.pictures.read import load_rgb, read_bytes, read_picture
from similarity.store.generations import CURRENT
from similarity.store.paths import find_catalogue, get_catalogues_folder, parse_path
from similarity.threads import map_ahead

Thumbnail = Callable[[], bytes]  # reads it
Original = Callable[[], Image.Image]

HELD_OUT_RATIO = 20  # one product in this many is not trained on


@dataclass(frozen=True)
class Pictures:
    """A table of products (index: id; columns: category, caption and others) and their pictures."""

    products: pd.DataFrame
    thumbnails: list[Thumbnail]  # in the table's order
    originals: list[Original]  # the same pictures as a build reads them
    names: list[str]  # of the sources, for display
    skipped: list[Skipped]


def gather_pictures(sources: list[str], work: Path, report: Callable[[int, int], None]) -> Pictures:
    """Return all products of several sources, each once.

    A source is a built catalogue's name or folder, or any folder of pictures, whose thumbnails are
    then written below `work`. Raises SimilarityError if a source has no usable picture.
    """
    tables: list[pd.DataFrame] = []
    thumbnails: list[Thumbnail] = []
    originals: list[Original] = []
    skipped: list[Skipped] = []
    names: list[str] = []
    for requested in sources:
        path = parse_path(requested) or Path()
        name = None if path.is_dir() else find_catalogue(requested)
        catalogue_path = get_catalogues_folder() / name if name else path
        if (catalogue_path / CURRENT).is_file():
            catalogue = open_catalogue(catalogue_path)
            products = catalogue.products
            names.append(catalogue.name)
            thumbnails += [partial(catalogue.read_thumbnail, product) for product in products.index]
            originals += [partial(catalogue.read_picture, product) for product in products.index]
        elif path.is_dir():
            store, folder = ThumbnailStore(work / "pictures"), path
            names.append("/".join(folder.resolve().parts[-2:]))  # both, for .../clothing/train
            scan_result = scan(folder, store, report)
            products, skipped = scan_result.products, skipped + scan_result.skipped
            thumbnails += [
                partial(read_bytes, store.get_path(product)) for product in products.index
            ]
            originals += [partial(load_rgb, folder / path) for path in products["path"]]
        else:
            raise SimilarityError(
                f"'{requested}' is neither a built catalogue nor a folder of pictures. "
                f"Give a folder, or build the demo: {PRECOMPUTE}"
            )
        tables.append(products)
    table = pd.concat(tables).fillna("")
    is_first = ~table.index.duplicated()
    return Pictures(
        table[is_first],
        [read_thumbnail for read_thumbnail, keep in zip(thumbnails, is_first, strict=True) if keep],
        [read_original for read_original, keep in zip(originals, is_first, strict=True) if keep],
        names,
        skipped,
    )


def load_squares(
    pictures: Pictures, side: int, report: Callable[[int, int], None]
) -> npt.NDArray[np.uint8]:
    """Return the pictures squashed to squares, decoded once for a whole run: (n, side, side, 3).

    Raises SimilarityError if one of them is missing or damaged.
    """

    def decode(row: int) -> Image.Image:
        try:
            picture = read_picture(pictures.thumbnails[row]())
        except SimilarityError as error:
            raise SimilarityError(
                f"The thumbnail of '{pictures.products['path'].iloc[row]}' can't be read: {error}",
                *error.remedies,
            ) from error
        return picture.resize((side, side), Image.Resampling.BICUBIC)

    count = len(pictures.thumbnails)
    squares = np.empty((count, side, side, 3), np.uint8)
    for row, picture in enumerate(map_ahead(decode, range(count))):
        squares[row] = np.asarray(picture)
        report(row + 1, count)
    return squares


def select_held_out(ids: pd.Index) -> npt.NDArray[np.bool_]:
    """Return which products are excluded from training: bool (n,), by their ids only.

    If there are too few products for any, the first one is excluded.
    """
    is_held_out = np.array([int(product[:8], 16) % HELD_OUT_RATIO == 0 for product in ids])
    is_held_out[0] |= not is_held_out.any()
    return is_held_out
